import Postgres
import Tenancy
import TestSupport

/// A database with the engine, five operators of its own and two companies with rows, for one test.
struct EngineWorld {
    let database: TestDatabase
    let owner: Connection
    let alice: String
    let bob: String
    let carol: String
    /// A service that may hold contexts too.
    let shop: String
    /// A service that works by tickets alone.
    let till: String
    /// The stores of the two companies; their windows are `acme.windows` and `globex.windows`.
    let acme: String
    let globex: String

    static let users = 20

    /// One a server, in the order of `TestServers.all`.
    private static let templates = TestServers.all.map(template)

    private static func template(on server: TestServer) -> TemplateDatabase {
        TemplateDatabase(on: server) { connection in
            _ = try await EngineInstaller().install(on: connection)
            try await TrailViews.install(on: connection)
        }
    }

    static func run(
        on server: TestServer = TestServers.installed, _ body: (EngineWorld) async throws -> Void
    ) async throws {
        let place = TestServers.all.firstIndex { $0 === server }
        let template = place.map { templates[$0] } ?? template(on: server)
        try await withTestDatabase(template: try await template.name(), on: server) { database in
            let world = try await make(in: database)
            try await body(world)
            await world.owner.close()
        }
    }

    private static func make(in database: TestDatabase) async throws -> EngineWorld {
        let owner = try await database.superuser()
        // A copied database has the engine's tables, but not the privileges on the database itself.
        try await owner.query("REVOKE TEMPORARY, CREATE ON DATABASE \(database.name) FROM PUBLIC")
        try await owner.query("GRANT CREATE ON DATABASE \(database.name) TO piste_owner")
        var logins: [String] = []
        for (name, level) in [
            ("bob", "admin"), ("alice", "support"), ("carol", "viewer"), ("shop", "service"),
            ("till", "service"),
        ] {
            let login = database.roleName(name)
            try await owner.query(
                "SELECT * FROM piste.add_operator($1, $2, $3)",
                [.text(login), .text(level), .bool(name == "shop")])
            logins.append(login)
        }
        var homes: [String] = []
        for company in ["acme", "globex"] {
            let home = try await owner.value(
                "SELECT schema_name FROM piste.create_company(initcap($1), $1, 'okta')", [.text(company)])
            try await owner.query(
                """
                INSERT INTO \(home).users (email, name)
                SELECT 'u' || n || '@\(company).example', 'User ' || n FROM generate_series(1, \(users)) AS n
                """)
            try await owner.query(
                "INSERT INTO \(home).journeys (user_id, name) SELECT id, 'Onboarding' FROM \(home).users LIMIT 5"
            )
            homes.append(home)
        }
        try await owner.query("SELECT piste_test.open()")
        return EngineWorld(
            database: database, owner: owner, alice: logins[1], bob: logins[0], carol: logins[2],
            shop: logins[3], till: logins[4],
            acme: homes[0], globex: homes[1])
    }

    func connect(_ login: String) async throws -> Connection {
        try await database.connect(as: login)
    }

    /// A connection that is in a context of the company.
    func inside(_ company: String, as login: String) async throws -> (connection: Connection, jti: String) {
        let connection = try await connect(login)
        let token = try await connection.token(company)
        let refusal = try await connection.enter(token.text)
        guard refusal == nil else { throw Refused(text: refusal ?? "") }
        return (connection, token.jti)
    }

    func inImpersonation(_ company: String, as login: String) async throws -> (
        connection: Connection, jti: String
    ) {
        let connection = try await connect(login)
        let row = try await connection.query(
            "SELECT * FROM piste.impersonate_company($1, 'a reason')", [.text(company)])[0]
        guard try row.isNull("refusal") else { throw Refused(text: try row.string("refusal")) }
        _ = try await connection.enter(try row.string("token"))
        return (connection, try row.string("jti"))
    }

    /// Lets a context run out.
    func expire(_ jti: String, in milliseconds: Int = 0) async throws {
        try await owner.query(
            "UPDATE piste.context SET expires_at = clock_timestamp() + $2::int * interval '1 ms' WHERE jti = $1::uuid",
            [.text(jti), .int(Int64(milliseconds))])
    }

    func backendLives(_ pid: Int32) async throws -> Bool {
        try await owner.number("SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid)") > 0
    }

    /// Whether a backend that was told to end does so.
    ///
    /// The engine waits two seconds for it and then goes on (`still_running`); on a busy machine it may take longer.
    func backendEnds(_ pid: Int32) async throws -> Bool {
        try await eventually { try await !backendLives(pid) }
    }

    /// The server's, for instance 180004.
    var version: Int {
        get async throws { try await owner.number("SELECT current_setting('server_version_num')::int") }
    }

    /// What a session may set that ends a transaction which takes too long.
    var timeouts: [String] {
        get async throws {
            ["statement_timeout", "idle_in_transaction_session_timeout"]
                + (try await version >= 170_000 ? ["transaction_timeout"] : [])
        }
    }

    /// How many roles of this database's companies the login is in.
    func memberships(_ login: String) async throws -> Int {
        try await owner.number(
            """
            SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
            WHERE m.member = $1::regrole AND left(r.rolname, 14) IN (SELECT schema_name FROM piste.company)
            """, [.text(login)])
    }

    /// The newest record of a company's trail with this action, as JSON text.
    func lastRecord(_ action: String, in home: String) async throws -> String {
        try await owner.value(
            "SELECT to_jsonb(a)::text FROM piste_test.trail('\(home)') a WHERE action = $1 ORDER BY seq DESC LIMIT 1",
            [.text(action)])
    }
}

extension String {
    /// The schema of a company's windows, by that of its store.
    var windows: String { "w" + dropFirst() }
}

/// What a world could not be built without was refused.
struct Refused: Error {
    let text: String
}

extension Connection {
    /// The text of the first column of the first row; empty for NULL and for no row.
    func value(_ sql: String, _ parameters: [Parameter] = []) async throws -> String {
        try await query(sql, parameters).first?.optionalString(0) ?? ""
    }

    func number(_ sql: String, _ parameters: [Parameter] = []) async throws -> Int {
        try await query(sql, parameters)[0].int(0)
    }

    func count(_ table: String) async throws -> Int {
        try await number("SELECT count(*) FROM \(table)")
    }

    /// The SQLSTATE with which the server refuses; nil when it does not.
    func sqlState(_ sql: String, _ parameters: [Parameter] = []) async -> String? {
        do {
            try await query(sql, parameters)
            return nil
        } catch {
            return error.sqlState ?? error.code.description
        }
    }

    /// The code word of a refusal; nil when the engine does what it is asked.
    func refusal(_ call: String, _ parameters: [Parameter] = []) async throws -> String? {
        let row = try await query("SELECT refusal FROM piste.\(call)", parameters).first
        return try row?.optionalString(0)?.split(separator: ":").first.map(String.init)
    }

    func token(_ company: String) async throws -> (text: String, jti: String) {
        let row = try await query("SELECT * FROM piste.generate_context_token($1)", [.text(company)])[0]
        guard try row.isNull("refusal") else { throw Refused(text: try row.string("refusal")) }
        return (try row.string("token"), try row.string("jti"))
    }

    /// The code word of the refusal; nil when the session is in.
    func enter(_ token: String) async throws -> String? {
        try await refusal("enter($1)", [.text(token)])
    }

    func declare(_ resources: String = "users") async throws {
        try await query("SELECT piste.declare('users.read', $1)", [.text(resources)])
    }
}
