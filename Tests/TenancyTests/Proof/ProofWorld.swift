import Postgres
import Tenancy
import TestSupport

/// A database in a cluster that only proofs use: the engine, three operators, and two companies, in one of which Alice is.
struct ProofWorld {
    let database: TestDatabase
    let owner: Connection
    let alice: String
    let bob: String
    let carol: String
    let acme: String
    let globex: String
    /// Alice's session, in a context of acme.
    let inside: Connection

    private static let template = template(in: .careful)

    private static func template(in cluster: TestCluster) -> TemplateDatabase {
        TemplateDatabase(in: cluster) { connection in
            _ = try await EngineInstaller().install(on: connection)
            try await TrailViews.install(on: connection)
        }
    }

    static func run(_ body: (ProofWorld) async throws -> Void) async throws {
        try await run(in: .careful, template, body)
    }

    /// In a cluster of its own: for what breaks more than a database, which every proof beside it would see.
    static func runAlone(_ body: (ProofWorld) async throws -> Void) async throws {
        let cluster = TestCluster(release: .underTest)
        defer { cluster.remove() }
        try await run(in: cluster, template(in: cluster), body)
    }

    private static func run(
        in cluster: TestCluster, _ template: TemplateDatabase, _ body: (ProofWorld) async throws -> Void
    ) async throws {
        try await withTestDatabase(template: try await template.name(), in: cluster) { database in
            let world = try await make(in: database)
            try await body(world)
            await world.inside.close()
            await world.owner.close()
        }
    }

    private static func make(in database: TestDatabase) async throws -> ProofWorld {
        let owner = try await database.superuser()
        try await owner.query("REVOKE TEMPORARY, CREATE ON DATABASE \(database.name) FROM PUBLIC")
        try await owner.query("GRANT CREATE ON DATABASE \(database.name) TO piste_owner")
        var logins: [String] = []
        for (name, level) in [("bob_p", "admin"), ("alice_p", "support"), ("carol_p", "viewer")] {
            let login = database.roleName(name)
            try await owner.query("SELECT * FROM piste.add_operator($1, $2)", [.text(login), .text(level)])
            logins.append(login)
        }
        var homes: [String] = []
        for company in ["acme", "globex"] {
            homes.append(
                try await owner.value(
                    "SELECT schema_name FROM piste.create_company(initcap($1), $1, 'okta')", [.text(company)])
            )
        }
        let inside = try await database.connect(as: logins[1])
        _ = try await inside.enter(try await inside.token("acme").text)
        return ProofWorld(
            database: database, owner: owner, alice: logins[1], bob: logins[0], carol: logins[2],
            acme: homes[0], globex: homes[1], inside: inside)
    }

    func connect(_ login: String) async throws -> Connection { try await database.connect(as: login) }

    func filled(_ text: String) -> String {
        var text = text
        for (name, value) in [
            ("{acme}", acme), ("{globex}", globex), ("{alice}", alice), ("{bob}", bob), ("{carol}", carol),
            ("{acme-windows}", acme.windows), ("{globex-windows}", globex.windows),
            ("{database}", database.name),
        ] {
            text = text.split(separator: name, omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }
}

/// A line of the report as SQL gives it.
struct ReportLine: CustomStringConvertible {
    let id: String
    let passed: Bool
    let evidence: String

    var description: String { "\(id): \(evidence)" }
}

extension Connection {
    func isolationReport(_ company: String? = nil, structures: Bool = true) async throws -> [ReportLine] {
        try await query(
            "SELECT * FROM piste.isolation_report($1, $2)", [Parameter(company), .bool(structures)]
        ).map {
            ReportLine(
                id: try $0.string("id"), passed: try $0.bool("passed"), evidence: try $0.string("evidence"))
        }
    }

    /// The ids of the checks that fail, with their evidence.
    func failures(_ company: String? = nil) async throws -> [String] {
        try await isolationReport(company).filter { !$0.passed }.map(\.description)
    }
}
