import FoundationEssentials
import Glibc
import LocalCluster
import Postgres
import Tenancy
import TestSupport

/// A database with the engine, two services' logins and two companies with rows.
struct ServiceWorld {
    let database: TestDatabase
    let owner: Connection
    /// A service that may hold contexts too.
    let shop: String
    /// A service that works by tickets alone, and drains outboxes.
    let till: String
    let bob: String

    static let users = 20

    private static let template = TemplateDatabase { connection in
        _ = try await EngineInstaller().install(on: connection)
        try await TrailViews.install(on: connection)
    }

    static func run(_ body: (ServiceWorld) async throws -> Void) async throws {
        try await withTestDatabase(template: try await template.name()) { database in
            let world = try await make(in: database)
            try await body(world)
            await world.owner.close()
        }
    }

    private static func make(in database: TestDatabase) async throws -> ServiceWorld {
        let owner = try await database.superuser()
        try await owner.query("REVOKE TEMPORARY, CREATE ON DATABASE \(database.name) FROM PUBLIC")
        try await owner.query("GRANT CREATE ON DATABASE \(database.name) TO piste_owner")
        let (shop, till, bob) = (
            database.roleName("shop_s"), database.roleName("till_s"), database.roleName("bob_s")
        )
        for (login, level) in [(shop, "service"), (till, "service"), (bob, "admin")] {
            try await owner.query(
                "SELECT * FROM piste.add_operator($1, $2, $3)",
                [.text(login), .text(level), .bool(login == shop)])
        }
        try await owner.query("SELECT piste.let_drain($1)", [.text(till)])
        for company in ["acme", "globex"] { try await create(company, owner) }
        try await owner.query("SELECT piste_test.open()")
        return ServiceWorld(database: database, owner: owner, shop: shop, till: till, bob: bob)
    }

    /// Gives the company's schema.
    @discardableResult
    static func create(_ company: String, _ owner: Connection) async throws -> String {
        let home = try await owner.query(
            "SELECT schema_name FROM piste.create_company(initcap($1), $1, 'okta')", [.text(company)])[0]
            .string(0)
        try await owner.query(
            """
            INSERT INTO \(home).users (email, name)
            SELECT 'u' || n || '@\(company).example', 'User ' || n FROM generate_series(1, \(users)) AS n
            """)
        return home
    }

    func home(_ company: String) async throws -> String {
        try await owner.query("SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(company)])[0]
            .string(0)
    }

    func number(_ sql: String) async throws -> Int { try await owner.query(sql)[0].int(0) }

    func dsn(_ login: String) -> String {
        "host=\(database.cluster.socketDirectory) dbname=\(database.name) user=\(login)"
    }

    /// What libpq, and every driver that takes after it, finds the database by.
    func variables(_ login: String) -> [String: String] {
        ["PGHOST": database.cluster.socketDirectory, "PGDATABASE": database.name, "PGUSER": login]
    }
}
