import ArgumentParser
import Tenancy
import Terminal

/// `piste adopt`: schemas that were there before become companies, in place and reversibly.
struct AdoptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Take schemas that are there already in as companies, in place; piste release undoes it.",
        discussion: """
            Each schema is a tenant of a running application. Guarded from people, the application keeps its login and \
            its tables, and people see them through windows like those of any company, by whoever holds a context; \
            --observe only writes down whose they are, so that piste prove names them with those who read them today. \
            With --guard all the tables are Piste's own until they are released: the application works by tickets, as \
            a service, its login has no right on them, and what it changes is recorded. What its slowest queries cost without \
            the planner's statistics is told before, where pg_stat_statements knows them. Guarding all is for superusers, and \
            for whoever installed the engine and has the rights of the tables' owners.

            Columns that look like secrets by their names are redacted, and nobody changes anything but what the map lets \
            whoever impersonates change. --map FILE.toml holds what is decided about \
            tables and columns: it is written where there is none yet, and obeyed where there is.

            Each schema is adopted in one transaction, or stays as it was; run again, it goes on where it was, and takes \
            in what the application changed, and --guard changes how far it is guarded. Before an application changes or \
            drops columns, --around takes the windows down (and gives it its tables back where all was guarded), runs its \
            migration, and puts everything up again.

            Examples:
              piste adopt --schemas 'tenant_*' --observe
              piste adopt --schemas 'tenant_*' --map tenants.toml --dry-run
              piste adopt --schemas 'tenant_*' --map tenants.toml --canary acme
              piste adopt --schemas 'tenant_*' --map tenants.toml --canary acme --guard all
            """,
    )

    /// How far a schema is guarded.
    enum Guard: String, ExpressibleByArgument, CaseIterable { case observe, people, all }

    @Option(
        help: ArgumentHelp(
            "The schemas whose names fit, each under its own name; * stands for anything.",
            valueName: "pattern"))
    var schemas: String?

    @Option(
        name: [.customLong("tenants"), .customLong("query")],
        help: ArgumentHelp("A query with the columns schema, url_id and name.", valueName: "sql"))
    var tenants: String?

    @Option(
        name: .customLong("guard"),
        help:
            "observe, people (what is new, unless said otherwise) or all; without it, as far as it is guarded."
    )
    var degree: Guard?

    @Flag(help: "Write down whose schemas they are, and change nothing: --guard observe.")
    var observe = false

    @Option(
        help: ArgumentHelp("What is decided about tables and columns.", valueName: "file.toml"),
        completion: .file(extensions: ["toml"]))
    var map: String?

    @Option(
        help: ArgumentHelp(
            "This company goes first; when it fails, no other is touched.", valueName: "url-id"))
    var canary: String?

    @Option(help: ArgumentHelp("Where their people sign in, in a word.", valueName: "provider"))
    var authProvider = "application"

    @Flag(help: "Do it all to every schema, print each statement, and keep nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Take down the windows of the schemas that are adopted, run this, and put them up again.",
            valueName: "command"))
    var around: String?

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard (schemas != nil) != (tenants != nil) else {
            throw ValidationError("say which schemas: either --schemas PATTERN or --tenants QUERY")
        }
        guard !isObserving || (!dryRun && map == nil && around == nil) else {
            throw ValidationError(
                "whoever only observes changes nothing: without --map, --dry-run and --around")
        }
    }

    private var isObserving: Bool { observe || degree == .observe }

    /// How far what is adopted is guarded from now on; nil for what is guarded already, as it is.
    var wanted: AdoptionDegree? { degree.flatMap { AdoptionDegree(rawValue: $0.rawValue) } }

    func run() throws {
        let target =
            try dryRun
            ? Target.find(database, localLogin: "postgres")
            : Target.findForChange(database, localLogin: "postgres")
        var plan = try AdoptionPlan(self, target)
        plan.tell()
        if isObserving {
            return try Listing.write(try plan.observe(target), as: form.format, AdoptionPlan.outcomes)
        }
        guard var map = try decided(plan) else { return }
        if wanted == .all {
            plan.tellWhatGoes(map)
            try plan.tellWhatItCosts(map, target)
        }
        if dryRun { return try plan.rehearse(map, target) }
        var gone: [String] = []
        if let around {
            try AroundMigration(command: around).run(plan, map, target)
            let before = plan
            plan = try AdoptionPlan(self, target)
            plan.guardAsFar(as: before)
            (map, gone) = decidedAnew(plan, map)
        }
        let outcomes = try plan.adopt(map, target)
        try Listing.write(outcomes, as: form.format, AdoptionPlan.outcomes)
        try StandardOutput.shared.flush()
        let failed = outcomes.filter { $0.state == .failed }
        guard !failed.isEmpty else {
            guard !gone.isEmpty else { return }
            throw CommandError(
                .failed, gone.joined(separator: "\n"), at: self.map,
                remedy:
                    "mend the map, and run piste adopt without --around; what it does not concern is shown again already"
            )
        }
        for problem in gone { Narration.tell(String(displaying: problem)) }
        let left = plan.candidates.count - outcomes.count
        throw CommandError(
            failed.allSatisfy { $0.failure?.code == .notAllowed || $0.failure?.refusalCode == "not_allowed" }
                ? .refused : .failed,
            "\(failed.count) of \(plan.candidates.count) schemas were not adopted, and are as they were"
                + (left > 0 ? "; after the canary no other was touched" : ""),
            at: target.displayName,
            remedy: "mend what the error tells, and run it again: it goes on where it was")
    }

    /// The map once a migration has run, and what it says of columns that are gone.
    ///
    /// The windows are down: nothing that is wrong with a part of the map keeps those down that it does not concern.
    private func decidedAnew(_ plan: AdoptionPlan, _ before: AdoptionMap) -> (AdoptionMap, [String]) {
        guard let map else { return (AdoptionMap(proposedFor: plan.families), []) }
        var problems: [String] = []
        var written = before
        do {
            if let text = TextFile.read(map) { written = try AdoptionMapFile.read(text, path: map) }
        } catch {
            let what = (error as? CommandError)?.what ?? String(describing: error)
            problems.append("The map cannot be read any more, and was taken as it was before: \(what).")
        }
        problems += written.problems(among: plan.families)
        let left = written.surviving(among: plan.families)
        for (name, table) in left.tables.sorted(by: { $0.key < $1.key })
        where table.hide && written.tables[name]?.hide == false {
            problems.append(
                "Until then \(name) has no window: what came in its place may hold the same secret.")
        }
        return (left, problems)
    }

    /// The map of the file, or what is proposed; nil when the proposal was just written down for somebody to read.
    private func decided(_ plan: AdoptionPlan) throws -> AdoptionMap? {
        guard let map else { return AdoptionMap(proposedFor: plan.families) }
        if let text = TextFile.read(map) {
            let written = try AdoptionMapFile.read(text, path: map)
            let problems = written.problems(among: plan.families)
            guard problems.isEmpty else {
                throw CommandError(
                    .failed, problems.joined(separator: "\n"), at: map,
                    remedy: "mend the map; nothing was changed")
            }
            return written
        }
        let proposal = AdoptionMapFile.text(AdoptionMap(proposedFor: plan.families), plan.families)
        let sink = try DataSink(path: map)
        try sink.whole { try sink.write(Array(proposal.utf8)) }
        Narration.say(
            "\(String(displaying: map)) is written. Read it, change it, and run the same command again.")
        return nil
    }
}
