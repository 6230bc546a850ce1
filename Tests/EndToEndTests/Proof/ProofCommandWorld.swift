import Foundation
import LocalCluster
import Postgres
import Tenancy
import TestSupport

/// A database in a cluster that only proofs use, with an admin, a support agent and two companies, one of a hostile name.
struct ProofCommandWorld {
    let database: TestDatabase
    let owner: Connection
    let bob: String
    let alice: String
    let folder: TemporaryFolder

    static let hostileName = "Evil <script>alert(1)</script> | `x` [a](b) & \u{1B}[2J\u{202E}Corp"

    private static let template = TemplateDatabase(in: .careful) { connection in
        _ = try await EngineInstaller().install(on: connection)
        try await TrailViews.install(on: connection)
    }

    static func run(_ body: (ProofCommandWorld) async throws -> Void) async throws {
        try await withTestDatabase(template: try await template.name(), in: .careful) { database in
            let owner = try await database.superuser()
            try await owner.query("REVOKE TEMPORARY, CREATE ON DATABASE \(database.name) FROM PUBLIC")
            try await owner.query("GRANT CREATE ON DATABASE \(database.name) TO piste_owner")
            let world = ProofCommandWorld(
                database: database, owner: owner, bob: database.roleName("bob_q"),
                alice: database.roleName("alice_q"), folder: try TemporaryFolder())
            for (login, level) in [(world.bob, "admin"), (world.alice, "support")] {
                try await owner.query(
                    "SELECT * FROM piste.add_operator($1, $2)", [.text(login), .text(level)])
            }
            for (urlID, name) in [("awesome", "Awesome Corp"), ("evil", hostileName)] {
                try await owner.query(
                    "SELECT * FROM piste.create_company($1, $2, 'okta')", [.text(name), .text(urlID)])
            }
            try await owner.query("SELECT piste_test.open()")
            try await body(world)
            await owner.close()
        }
    }

    func url(_ login: String) -> String {
        "postgresql://\(login)@/\(database.name)?host=\(database.cluster.socketDirectory)"
    }

    /// Runs `piste prove`, by default as the admin.
    func prove(_ arguments: String..., as login: String? = nil, deadline: Duration = .seconds(300))
        async throws
        -> Piste.Outcome
    {
        try await Piste.run(
            ["prove"] + arguments, environment: ["PISTE_DATABASE_URL": url(login ?? bob)], deadline: deadline)
    }

    func value(_ sql: String) async throws -> String? { try await owner.query(sql).first?.optionalString(0) }

    func home(_ urlID: String = "awesome") async throws -> String {
        try await value("SELECT schema_name FROM piste.company WHERE url_id = '\(urlID)'") ?? ""
    }

    func path(_ name: String) -> String { folder.path + "/" + name }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
    }
}
