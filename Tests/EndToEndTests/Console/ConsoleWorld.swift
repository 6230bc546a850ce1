import LocalCluster
import Postgres
import Tenancy
import TestSupport
import Testing

/// A database with the engine, an operator of each level and three companies full of rows.
struct ConsoleWorld {
    let database: TestDatabase
    let owner: Connection
    /// The support agent, the admin, the viewer and the service.
    let alice: String
    let bob: String
    let carol: String
    let shop: String

    static let stalledHours = 70

    private static let template = TemplateDatabase { connection in
        _ = try await EngineInstaller().install(on: connection)
        try await TrailViews.install(on: connection)
    }

    static func run(_ body: (ConsoleWorld) async throws -> Void) async throws {
        try await withTestDatabase(template: try await template.name()) { database in
            let world = try await make(in: database)
            try await body(world)
            await world.owner.close()
        }
    }

    /// Where the console connects as this login.
    func url(_ login: String) -> String {
        "postgresql://\(login)@/\(database.name)?host=\(database.cluster.socketDirectory)"
    }

    func console(
        as login: String? = nil, columns: Int = 100, rows: Int = 30, _ arguments: [String] = []
    ) throws -> Tmux {
        try Tmux(["--database", url(login ?? alice)] + arguments, columns: columns, rows: rows)
    }

    /// One value that the cluster's owner reads, as text.
    func value(_ sql: String) async throws -> String? {
        try await owner.query(sql).first?.optionalString(0)
    }

    /// The schema of a company.
    func home(_ urlID: String = "awesome") async throws -> String {
        try #require(await value("SELECT schema_name FROM piste.company WHERE url_id = '\(urlID)'"))
    }

    private static func make(in database: TestDatabase) async throws -> ConsoleWorld {
        let owner = try await database.superuser()
        try await owner.query("REVOKE TEMPORARY, CREATE ON DATABASE \(database.name) FROM PUBLIC")
        try await owner.query("GRANT CREATE ON DATABASE \(database.name) TO piste_owner")
        let bob = database.roleName("bob_c")
        let alice = database.roleName("alice_c")
        let carol = database.roleName("carol_c")
        let shop = database.roleName("shop_c")
        for (login, level) in [(bob, "admin"), (alice, "support"), (carol, "viewer"), (shop, "service")] {
            try await owner.query(
                "SELECT * FROM piste.add_operator($1, $2, $3)",
                [.text(login), .text(level), .bool(login == shop)])
        }
        for (urlID, name) in [
            ("awesome", "Awesome Corp"), ("blau", "Blau & Söhne"), ("evil", "Evil \u{1B}[2J\u{202E}Corp"),
        ] {
            try await owner.query(
                "SELECT * FROM piste.create_company($1, $2, 'okta')", [.text(name), .text(urlID)])
            try await fill(urlID, owner)
        }
        try await owner.query("SELECT piste_test.open()")
        return ConsoleWorld(
            database: database, owner: owner, alice: alice, bob: bob, carol: carol, shop: shop)
    }

    /// The engine and one company in the database of a cluster of its own; gives the support agent's login.
    static func alone(on owner: Connection) async throws -> String {
        _ = try await EngineInstaller().install(on: owner)
        try await owner.query("SELECT * FROM piste.add_operator('alice', 'support')")
        try await owner.query("SELECT * FROM piste.create_company('Awesome Corp', 'awesome', 'okta')")
        try await fill("awesome", owner)
        return "alice"
    }

    /// Ada, whose onboarding stalled at its third step, and 200 others, some of them hostile.
    private static func fill(_ urlID: String, _ owner: Connection) async throws {
        let now = Timestamp.now
        let stalled = now.advanced(by: .seconds(-stalledHours * 3600))
        let others = (2...201).map { id in
            let name =
                switch id % 4 {
                case 0: "Al \u{1B}[31mRed\u{1B}]0;pwned\u{7} \(id)"
                case 1: "山田 太郎 \(id)"
                case 2: "Zoë\u{202E} Reversed \(id)"
                default: "Person \(id) of \(urlID)"
                }
            return ImportedUser(
                id: Int64(id), email: "u\(id)@\(urlID).example", name: name, createdAt: stalled)
        }
        let ada = ImportedUser(
            id: 1, email: "ada@\(urlID).example", name: "Ada Lovelace", role: "admin", createdAt: stalled,
            lastSeenAt: now)
        let journey = ImportedJourney(
            id: 1, userID: 1, name: "Onboarding", status: .stalled, currentStep: 3, startedAt: stalled,
            updatedAt: stalled)
        let names = ["sign up", "confirm email", "invite team", "connect data", "go live"]
        let steps = names.enumerated().map { index, name in
            let state: JourneyStep.State = index < 2 ? .done : index == 2 ? .stalled : .waiting
            return ImportedStep(
                id: Int64(index + 1), journeyID: 1, position: index + 1, name: name, state: state,
                enteredAt: index < 3 ? stalled : nil, completedAt: index < 2 ? now : nil)
        }
        try await BulkImport(connection: owner).importRows(
            into: urlID, users: [ada] + others, journeys: [journey], steps: steps)
    }
}
