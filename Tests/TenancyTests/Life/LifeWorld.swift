import Postgres
import Tenancy
import TestSupport
import Testing

/// What the tests of a company's life do again and again in a world.
extension EngineWorld {
    /// Values that look like quotes, ends, commands and nothing, in every column that takes text.
    static let hostile = [
        "plain", "a,b", "say \"hi\"", "'; DROP SCHEMA piste; --", "line\nfeed", "carriage\r\nreturn", "\\.",
        "\n\\.\n",
        "\\N", "\\n", "", " ", "\"", "\"\"", "\t", "\u{1}\u{2}\u{1B}[31m\u{7F}", "🤷🏽‍♀️ e\u{301} ‮gnp.exe", "漢字",
        String(repeating: "ä\"", count: 100), "{\"json\": [1]}", "null", "NULL", ",",
    ]

    /// Fills acme's tables with hostile values, past the triggers, and users up to a number.
    func fillAcme(users: Int = 100) async throws {
        try await owner.query("SET session_replication_role = replica")
        for (index, text) in Self.hostile.enumerated() {
            let name = index == 1 ? String(repeating: "名", count: 300) : text
            let id = Int64(1000 + index)
            try await owner.query(
                "INSERT INTO \(acme).users (id, email, name, role, last_seen_at) VALUES ($1, $2, $3, $4, $5)",
                [
                    .int(id), .text("\(text)\(index)"), .text(name), .text(String(text.prefix(60))),
                    index % 2 == 0 ? .null : .text("1999-12-31 23:59:59.999999+00"),
                ])
            try await owner.query(
                "INSERT INTO \(acme).journeys (id, user_id, name) VALUES ($1, $1, $2)",
                [.int(id), .text(text)])
            try await owner.query(
                "INSERT INTO \(acme).journey_steps (journey_id, position, name, note) VALUES ($1, 1, $2, $3)",
                [.int(id), .text(text), index % 3 == 0 ? .null : .text(text)])
        }
        try await owner.query(
            """
            INSERT INTO \(acme).users (id, email, name)
            SELECT n, 'p' || n || '@acme.example', 'Person ' || n FROM generate_series(2000, 1999 + \(users)) AS n
            """)
        try await owner.query("RESET session_replication_role")
    }

    func adminSession(_ company: String, as login: String? = nil) async throws -> TenantSession {
        try await TenantSession.open(
            company: company, minutes: 30, database.settings(user: login ?? bob))
    }

    func adminClient(_ login: String? = nil) async throws -> TenancyClient {
        try await TenancyClient.connect(database.settings(user: login ?? bob))
    }

    /// Exports in a context of its own.
    @discardableResult
    func export(_ company: String, to path: String, _ format: ArchiveFormat = .jsonl) async throws
        -> ArchiveReceipt
    {
        let session = try await adminSession(company)
        do {
            let receipt = try await session.export(to: path, as: format)
            await session.leave()
            return receipt
        } catch {
            await session.leave()
            throw error
        }
    }

    func restore(
        _ path: String, _ urlID: String, as login: String? = nil,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> CompanyRestore.Outcome {
        let connection =
            if let login { try await connect(login) } else { try await database.superuser() }
        defer { connection.abandon() }
        return try await CompanyRestore(connection: connection).restore(
            ArchiveReader(path), name: "Restored", urlID: urlID, progress: progress)
    }

    func home(_ urlID: String) async throws -> String {
        try await owner.value("SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(urlID)])
    }

    /// Everything that a company leaves in the catalogs and in the control tables; zero of each when it never was.
    func traces(_ urlID: String, _ home: String) async throws -> [Int] {
        try await [
            owner.number("SELECT count(*) FROM piste.company WHERE url_id = $1", [.text(urlID)]),
            owner.number("SELECT count(*) FROM pg_namespace WHERE nspname = $1", [.text(home)]),
            owner.number("SELECT count(*) FROM pg_roles WHERE left(rolname, 14) = $1", [.text(home)]),
            owner.number(
                "SELECT count(*) FROM piste.signing_key k JOIN piste.company c ON c.id = k.company WHERE c.url_id = $1",
                [.text(urlID)]),
        ]
    }

    /// How many schemas and roles of companies there are, whosever they are: none may be left over.
    func strays() async throws -> [Int] {
        try await [
            owner.number(
                """
                SELECT count(*) FROM pg_namespace n
                WHERE n.nspname ~ '^t_[0-9a-f]{12}$' AND n.nspname NOT IN (SELECT schema_name FROM piste.company)
                """),
            owner.number(
                """
                SELECT count(*) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
                WHERE c.relname = 'piste_archive_line'
                """),
        ]
    }

    /// Runs one statement as the superuser in another process, and waits for it without a thread of this one's pool.
    func byPsql(_ sql: String) -> @Sendable () -> Void {
        let target = database.settings()
        let settings = ["host", "dbname", "user"].map { "\($0)=\(target.value($0) ?? "")" }.joined(
            separator: " ")
        return {
            let ended = try? Program.run(
                "/usr/bin/env", ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, settings])
            if ended?.status != 0 { Issue.record("psql failed: \(ended?.errors ?? "")") }
        }
    }
}

/// Does something once, when it is asked for the n-th time.
final class Once: @unchecked Sendable {
    private var count = 0
    private let turn: Int
    private let body: @Sendable () -> Void

    init(at turn: Int, _ body: @escaping @Sendable () -> Void) {
        self.turn = turn
        self.body = body
    }

    /// Called on one thread at a time.
    func step() {
        count += 1
        if count == turn { body() }
    }
}
