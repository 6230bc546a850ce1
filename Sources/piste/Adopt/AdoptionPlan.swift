import Listing
import Postgres
import Tenancy
import Terminal

/// The schemas that a command adopts, looked at and grouped; nothing is changed by looking.
struct AdoptionPlan {
    let candidates: [AdoptionCandidate]
    let looks: [SchemaLook]
    let families: [SchemaFamily]
    private let familyOf: [String: SchemaFamily]
    private let authProvider: String
    private let degree: AdoptionDegree?
    private var degrees: [String: AdoptionDegree] = [:]

    init(_ command: AdoptCommand, _ target: Target) throws {
        let (pattern, query) = (command.schemas, command.tenants)
        let canary = command.canary
        authProvider = command.authProvider
        degree = command.wanted
        (candidates, looks, families) = try target.withClient { client in
            var named: [AdoptionCandidate] = []
            if let pattern { named = try await client.schemas(like: pattern) }
            if let query { named = try await client.schemas(from: query) }
            guard !named.isEmpty else {
                throw CommandError(
                    .failed, "there is no such schema", at: pattern ?? "--tenants",
                    remedy:
                        "\\dn in psql lists the schemas; --tenants takes a query of the table that names tenants"
                )
            }
            let looks = try await client.look(at: named.map(\.schema))
            let standing = Dictionary(looks.map { ($0.schema, $0) }, uniquingKeysWith: { first, _ in first })
            // A schema that is somebody's already keeps its url id, whatever its own name would give.
            if pattern != nil {
                named = named.map { candidate in
                    standing[candidate.schema]?.urlID.map {
                        AdoptionCandidate(schema: candidate.schema, urlID: $0, name: candidate.name)
                    } ?? candidate
                }
            }
            var problems = AdoptionCandidate.problems(of: named)
            problems += named.filter { standing[$0.schema] == nil }.map { "There is no schema \($0.schema)." }
            problems += looks.compactMap { look in look.problem.map { "\(look.schema): \($0)." } }
            if let canary, !named.contains(where: { $0.urlID == canary }) {
                problems.append("No schema among these is \(canary), the canary.")
            }
            guard problems.isEmpty else {
                throw CommandError(
                    .failed, problems.joined(separator: "\n"),
                    remedy:
                        "--tenants \"SELECT … AS schema, … AS url_id, … AS name FROM …\" says it for each; nothing was changed"
                )
            }
            let first = canary ?? named[0].urlID
            let ordered = named.filter { $0.urlID == first } + named.filter { $0.urlID != first }
            return (ordered, looks, try await client.families(of: looks))
        }
        familyOf = families.reduce(into: [:]) { known, family in
            for schema in family.schemas { known[schema] = family }
        }
    }

    /// Tells what was found: families and drift, and the tables that are not simply taken.
    func tell() {
        Narration.say(
            "\(candidates.count) schemas of \(families.count) \(families.count == 1 ? "structure" : "structures")."
        )
        for family in families.prefix(20) {
            let names = family.schemas.prefix(3).joined(separator: ", ")
            let more = family.schemas.count > 3 ? " and \(family.schemas.count - 3) more" : ""
            let taken = family.tables.filter { $0.verdict == .taken }.count
            Narration.say(
                String(
                    displaying:
                        "\(names)\(more): \(family.difference ?? "the structure that the others are compared with"); "
                        + "\(taken) of \(family.tables.count) tables are taken as they are"))
            for table in family.tables where table.verdict != .taken && family.difference == nil {
                Narration.say(
                    String(
                        displaying:
                            "  \(table.name): \(table.verdict == .changed ? "changed" : "refused"), \(table.words ?? "")"
                    ))
            }
        }
        let readers = Set(looks.flatMap(\.readers)).sorted()
        Narration.say(
            String(
                displaying: "Who reads them today, superusers aside: "
                    + (readers.isEmpty ? "nobody" : readers.joined(separator: ", "))))
    }

    /// Tells what a schema that is guarded whole loses until it is released.
    func tellWhatGoes(_ map: AdoptionMap) {
        let kept = map.tables.sorted { $0.key < $1.key }.flatMap { name, table in
            table.statistics.map { "\(name).\($0)" }
        }
        Narration.say(
            String(
                displaying: "Guarded whole, the planner's statistics of values go"
                    + (kept.isEmpty ? "" : ", but for \(kept.joined(separator: ", "))")
                    + ": plans live on indexes and on how many rows there are. Views have no window, and nobody but a service "
                    + "with a ticket writes; a release gives everything back, and ANALYZE the statistics."))
    }

    /// Tells what the slowest queries on the first of these schemas cost without the statistics that go.
    func tellWhatItCosts(_ map: AdoptionMap, _ target: Target) throws {
        guard let schema = candidates.first?.schema, let family = familyOf[schema],
            looks.first(where: { $0.schema == schema })?.standing != AdoptionDegree.all.rawValue
        else { return }
        let costs = try target.withClient { client in
            try await client.waitForTables(.seconds(5))
            return try await client.costsWithoutStatistics(of: schema, map: map, family: family)
        }
        switch costs {
        case .unmeasured(let why): Narration.say(String(displaying: why))
        case .measured(let queries) where queries.isEmpty:
            Narration.say(
                String(displaying: "pg_stat_statements knows no query of the application's on \(schema)."))
        case .measured(let queries):
            Narration.say(
                String(
                    displaying:
                        "The slowest queries on \(schema), and what the planner thinks they cost without:"))
            for query in queries {
                let text = query.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                Narration.say(
                    String(
                        displaying: "  \(Self.short(query.milliseconds)) ms × \(query.calls): "
                            + "\(Self.short(query.cost)) → \(Self.short(query.costWithout))"
                            + (query.isOtherPlan ? ", another plan" : "") + ": \(text.prefix(120))"))
            }
        }
    }

    /// A number as far as it says something.
    private static func short(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String((value * 100).rounded() / 100)
    }

    func observe(_ target: Target) throws -> [AdoptionOutcome] {
        let candidates = candidates
        return try target.withClient { client in
            var outcomes: [AdoptionOutcome] = []
            for candidate in candidates {
                do {
                    outcomes.append(try await client.observe(candidate))
                } catch let error as TenancyError
                    where error.code == .refused && error.refusalCode != "not_allowed"
                {
                    outcomes.append(AdoptionOutcome(candidate, .failed, failure: error))
                }
            }
            return outcomes
        }
    }

    /// Prints every statement of every schema, each tried and taken back.
    func rehearse(_ map: AdoptionMap, _ target: Target) throws {
        let (candidates, familyOf, authProvider, degree) = (candidates, familyOf, authProvider, degree)
        try target.withClient { client in
            try await client.waitForTables(.seconds(5))
            for candidate in candidates {
                guard let family = familyOf[candidate.schema] else { continue }
                let statements = try await client.rehearseAdoption(
                    candidate, authProvider: authProvider, map: map, family: family, degree: degree)
                let title = "\(candidate.schema) as \(candidate.urlID)"
                try StandardOutput.shared.line("-- " + String(displaying: title))
                if statements.allSatisfy({ !$0.isInStore }) {
                    try StandardOutput.shared.line("-- in the schema itself nothing is changed")
                }
                var isUndoing = false
                for statement in statements {
                    if statement.isUndoing != isUndoing {
                        isUndoing = statement.isUndoing
                        try StandardOutput.shared.line(
                            isUndoing ? "-- what was done for the degree before is undone" : "-- and then")
                    }
                    let lines = DisplayText.lines(of: statement.sql).map(\.string)
                    try StandardOutput.shared.line(lines.joined(separator: "\n") + ";")
                }
            }
        }
        try StandardOutput.shared.flush()
        Narration.say("Nothing was kept of it. The names of roles and windows are drawn anew each time.")
    }

    /// Adopts one schema after the other, each by itself; where the first fails, no other is begun.
    func adopt(_ map: AdoptionMap, _ target: Target) throws -> [AdoptionOutcome] {
        let (candidates, familyOf, authProvider) = (candidates, familyOf, authProvider)
        let (degree, degrees) = (degree, degrees)
        let bar = LateBar("Adopting")
        defer { bar.finish() }
        return try target.withClient { client in
            bar.begin(candidates.count)
            try await client.waitForTables(.seconds(5))
            var outcomes: [AdoptionOutcome] = []
            for candidate in candidates {
                guard let family = familyOf[candidate.schema] else { continue }
                do throws(TenancyError) {
                    outcomes.append(
                        try await client.adopt(
                            candidate, authProvider: authProvider, map: map, family: family,
                            degree: degree ?? degrees[candidate.urlID]))
                } catch {
                    switch error.code {
                    case .unreachable, .cancelled, .engineMissing, .passwordNeeded: throw error
                    default: outcomes.append(AdoptionOutcome(candidate, .failed, failure: error))
                    }
                    if outcomes.count == 1 { return outcomes }
                }
                bar.advance()
            }
            return outcomes
        }
    }

    /// The companies among these that are adopted already, and how far they are guarded.
    var adopted: [(urlID: String, degree: AdoptionDegree)] {
        looks.compactMap { look in
            guard let urlID = look.urlID, let degree = look.standing.flatMap(AdoptionDegree.init) else {
                return nil
            }
            return (urlID, degree)
        }
    }

    /// Gives the application its tables back where all is guarded, so that it can change them.
    func lower(_ map: AdoptionMap, _ client: TenancyClient) async throws {
        let whole = Set(adopted.filter { $0.degree == .all }.map(\.urlID))
        for candidate in candidates where whole.contains(candidate.urlID) {
            guard let family = familyOf[candidate.schema] else { continue }
            _ = try await client.adopt(
                candidate, authProvider: authProvider, map: map, family: family, degree: .people)
        }
    }

    /// Guards what was guarded before as far as it was then, unless another degree was asked for.
    mutating func guardAsFar(as before: AdoptionPlan) {
        degrees = Dictionary(
            before.adopted.map { ($0.urlID, $0.degree) }, uniquingKeysWith: { first, _ in first })
    }

    static let outcomes: [Column<AdoptionOutcome>] = [
        Column("schema") { .text($0.candidate.schema) },
        Column("url_id", title: "COMPANY", isIdentity: true) { .text($0.candidate.urlID) },
        Column("name", isDetail: true) { .text($0.candidate.name) },
        Column("state") { .text($0.state.rawValue) },
        Column("windows") { Value($0.windows) },
        Column("error") { Value($0.failure?.message) },
    ]
}
