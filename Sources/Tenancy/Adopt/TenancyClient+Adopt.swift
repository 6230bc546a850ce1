import FoundationEssentials
import Postgres

/// What became of a schema that was to be adopted.
public struct AdoptionOutcome: Hashable, Sendable {
    /// How it ended.
    public enum State: String, Sendable, CaseIterable {
        case adopted
        /// It was a company already, and has its windows as its tables are now.
        case renewed
        case unchanged
        /// It is known, and nothing of it was changed.
        case observed
        /// Nothing of it was changed, and a sentence says why.
        case failed
    }

    /// The schema, and what it was to be.
    public let candidate: AdoptionCandidate
    /// What became of it.
    public let state: State
    /// How many windows it has.
    public let windows: Int?
    /// Why it failed.
    public let failure: TenancyError?

    package init(
        _ candidate: AdoptionCandidate, _ state: State, windows: Int? = nil, failure: TenancyError? = nil
    ) {
        self.candidate = candidate
        self.state = state
        self.windows = windows
        self.failure = failure
    }
}

/// One statement of an adoption.
public struct AdoptionStatement: Hashable, Sendable {
    /// Whether it is about the store itself, which a release takes back; the others make what lies beside it.
    public let isInStore: Bool
    /// Whether it undoes what another degree did, before all others.
    public let isUndoing: Bool
    /// Its text, without a semicolon.
    public let sql: String
}

extension TenancyClient {
    /// The schemas whose names fit, each under its own name as a url id; `*` and `%` stand for anything.
    ///
    /// Admins only, as all of this.
    public func schemas(like pattern: String) async throws(TenancyError) -> [AdoptionCandidate] {
        try await wire.rows("SELECT s FROM piste.schemas_like($1) AS s", [.text(pattern)]).read {
            row throws(PostgresError) in AdoptionCandidate(schema: try row.string(0))
        }
    }

    /// The schemas that a query of the application's own tables names, in the columns `schema`, `url_id` and `name`.
    ///
    /// It runs with the login's own rights, in a transaction that reads only.
    public func schemas(from query: String) async throws(TenancyError) -> [AdoptionCandidate] {
        var text = query[...]
        while let last = text.last, last == ";" || last.isWhitespace { text = text.dropLast() }
        try await wire.rows("BEGIN READ ONLY")
        let rows: Rows
        do {
            rows = try await wire.rows(
                "SELECT to_jsonb(t)::text FROM (\(text)\n) AS t", deadline: .seconds(60))
            try await wire.rows("ROLLBACK")
        } catch {
            _ = try? await wire.rows("ROLLBACK")
            throw TenancyError(
                .failed, "The query of the schemas failed: \(error.message)", sqlState: error.sqlState)
        }
        struct Named: Decodable {
            var schema: String?
            var schema_name: String?
            var url_id: String?
            var name: String?
        }
        return try rows.read { row throws(PostgresError) in try row.string(0) }.map {
            text throws(TenancyError) in
            guard let named = try? JSONDecoder().decode(Named.self, from: Data(text.utf8)),
                let schema = named.schema ?? named.schema_name
            else {
                throw TenancyError(
                    .failed,
                    "The query of the schemas has no text column \"schema\"; url_id and name may stand beside it."
                )
            }
            return AdoptionCandidate(schema: schema, urlID: named.url_id, name: named.name)
        }
    }

    /// Looks at schemas; those that are not there are left out.
    public func look(at schemas: [String]) async throws(TenancyError) -> [SchemaLook] {
        var looks: [SchemaLook] = []
        // Each structure is read whole, so that many take their time.
        for start in stride(from: 0, to: schemas.count, by: 50) {
            let some = schemas[start..<min(start + 50, schemas.count)]
            looks += try await decoded(
                SchemaLook.self,
                "SELECT to_jsonb(s)::text FROM piste.look_at_schemas(ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AS s",
                [.text(Self.json(Array(some)))], deadline: .seconds(300))
        }
        return looks
    }

    /// Groups schemas of one structure, the largest family first, and tells how the others differ from it.
    public func families(of looks: [SchemaLook]) async throws(TenancyError) -> [SchemaFamily] {
        let groups = Dictionary(grouping: looks, by: \.structure).values
            .map { $0.map(\.schema).sorted() }
            .sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
        var families: [SchemaFamily] = []
        for group in groups {
            let tables = try await decoded(
                TableLook.self, "SELECT to_jsonb(t)::text FROM piste.look_at_tables($1) AS t",
                [.text(group[0])])
            var difference: String?
            if let first = families.first {
                let rows = try await wire.rows(
                    "SELECT piste.schema_difference($1, $2)", [.text(group[0]), .text(first.schemas[0])])
                difference = try rows.first?.read { row throws(PostgresError) in try row.optionalString(0) }
            }
            families.append(SchemaFamily(schemas: group, difference: difference, tables: tables))
        }
        return families
    }

    /// Adopts a schema, or takes in what its application changed since; all of it or nothing.
    ///
    /// - Parameters:
    ///   - candidate: the schema, and how the company is to be called.
    ///   - authProvider: where its people sign in, in a word.
    ///   - map: what is decided of tables; taken as far as it concerns the schema's.
    ///   - family: the schema's own.
    ///   - degree: how far it is guarded; nil leaves it as it is, and guards what is new from people.
    /// - Throws: `refused` with the engine's words; `failed` where rights are missing, with the statements that give them.
    public func adopt(
        _ candidate: AdoptionCandidate, authProvider: String, map: AdoptionMap, family: SchemaFamily,
        degree: AdoptionDegree? = nil
    ) async throws(TenancyError) -> AdoptionOutcome {
        let row: Row
        do throws(TenancyError) {
            row = try await wire.answer(
                "SELECT did, windows, refusal FROM piste.adopt($1, $2, $3, $4, $5::jsonb, $6)",
                parameters(candidate, authProvider, map, family, degree), deadline: Wire.patienceForRoles)
        } catch {
            guard error.sqlState == "55P03" else { throw error }
            throw TenancyError(
                .failed, "The schema \(candidate.schema) is in use: its tables are locked by somebody else.",
                sqlState: error.sqlState)
        }
        return try row.read { row throws(PostgresError) in
            AdoptionOutcome(
                candidate, AdoptionOutcome.State(rawValue: try row.string("did")) ?? .unchanged,
                windows: try row.optionalInt("windows"))
        }
    }

    private func parameters(
        _ candidate: AdoptionCandidate, _ authProvider: String, _ map: AdoptionMap, _ family: SchemaFamily,
        _ degree: AdoptionDegree?
    ) -> [Parameter] {
        [
            .text(candidate.schema), .text(candidate.urlID), .text(candidate.name), .text(authProvider),
            .text(map.narrowed(to: family).json), degree.map { .text($0.rawValue) } ?? .null,
        ]
    }

    /// Does all of an adoption, tells every statement of it, and takes it back; where it is guarded otherwise than before, those
    /// come first that undo what was done for that.
    public func rehearseAdoption(
        _ candidate: AdoptionCandidate, authProvider: String, map: AdoptionMap, family: SchemaFamily,
        degree: AdoptionDegree? = nil
    ) async throws(TenancyError) -> [AdoptionStatement] {
        try await wire.rows("BEGIN")
        func read(_ rows: Rows, isUndoing: Bool) throws(TenancyError) -> [AdoptionStatement] {
            try rows.read { row throws(PostgresError) in
                AdoptionStatement(
                    isInStore: try row.string("place") == "store", isUndoing: isUndoing,
                    sql: try row.string("statement"))
            }
        }
        do throws(TenancyError) {
            try await wire.rows("SAVEPOINT undone")
            let undone = try await wire.rows(
                "SELECT place, statement FROM piste.undoing_statements($1, $2, $3, $4, $5::jsonb, $6)",
                parameters(candidate, authProvider, map, family, degree))
            try await wire.rows("ROLLBACK TO undone")
            _ = try await adopt(
                candidate, authProvider: authProvider, map: map, family: family, degree: degree)
            let rows = try await wire.rows(
                "SELECT place, statement FROM piste.adoption_statements($1)", [.text(candidate.urlID)])
            try await wire.rows("ROLLBACK")
            return try read(undone, isUndoing: true) + read(rows, isUndoing: false)
        } catch {
            _ = try? await wire.rows("ROLLBACK")
            throw error
        }
    }

    /// Writes down whose schema it is, and changes nothing of it.
    public func observe(_ candidate: AdoptionCandidate) async throws(TenancyError) -> AdoptionOutcome {
        let row = try await wire.answer(
            "SELECT did, refusal FROM piste.observe_schema($1, $2, $3)",
            [.text(candidate.schema), .text(candidate.urlID), .text(candidate.name)])
        return try row.read { row throws(PostgresError) in
            AdoptionOutcome(candidate, try row.optionalString("did") == "observed" ? .observed : .unchanged)
        }
    }

    /// How long an adoption waits for tables that somebody has locked.
    public func waitForTables(_ patience: Duration) async throws(TenancyError) {
        try await wire.rows("SET lock_timeout = \(Int64(patience / .milliseconds(1)))")
    }

    /// Gives an adopted schema back as it was, and forgets an observed one.
    ///
    /// - Returns: how many records the company's trail had, which goes with it, and the last one's hash.
    @discardableResult
    public func release(
        _ urlID: String, confirmation: String
    ) async throws(TenancyError) -> (records: Int64, hash: String?) {
        let row = try await wire.answer(
            "SELECT * FROM piste.release($1, $2)", [.text(urlID), .text(confirmation)],
            deadline: Wire.patienceForRoles)
        return try row.read { row throws(PostgresError) in
            (Int64(try row.optionalInt("audit_entries") ?? 0), try row.optionalString("audit_hash"))
        }
    }

    /// Takes the windows of an adopted company down, so that its application may change columns; adopting again puts them up.
    ///
    /// - Throws: `notFound` for a company that was not adopted.
    @discardableResult
    public func takeWindowsDown(_ urlID: String) async throws(TenancyError) -> Int {
        let rows = try await wire.rows("SELECT piste.take_windows_down($1)", [.text(urlID)])
        let number = try rows.first?.read { row throws(PostgresError) in try row.int(0) } ?? -1
        guard number >= 0 else { throw TenancyError(.notFound, "There is no adopted company \(urlID).") }
        return number
    }

    private func decoded<Value: Decodable & Sendable>(
        _ type: Value.Type, _ sql: String, _ parameters: [Parameter], deadline: Duration = Wire.patience
    ) async throws(TenancyError) -> [Value] {
        let texts = try await wire.rows(sql, parameters, deadline: deadline).read {
            row throws(PostgresError) in try row.string(0)
        }
        return try texts.map { text throws(TenancyError) in
            guard let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) else {
                throw TenancyError(.failed, "The engine's answer cannot be read.")
            }
            return value
        }
    }

    private static func json(_ names: [String]) -> String {
        (try? JSONEncoder().encode(names)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
