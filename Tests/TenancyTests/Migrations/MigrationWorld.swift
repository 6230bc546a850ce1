import Postgres
import Tenancy
import TestSupport
import Testing

/// A database whose companies were built by the engine's blueprint, before two further ones were registered.
struct MigrationWorld {
    let database: TestDatabase
    let owner: Connection
    let admin: String
    let support: String

    /// The two that the world registers after it made its companies.
    static let further = [
        "ALTER TABLE {schema}.journeys ADD CONSTRAINT not_nowhere CHECK (name <> 'Nowhere');",
        "CREATE INDEX users_by_locale ON {schema}.users (locale, id);",
    ]

    /// The newest blueprint that there is in such a world.
    static let newest = EngineScript.blueprints.count + further.count

    private static let template = TemplateDatabase { connection in
        _ = try await EngineInstaller().install(on: connection)
        try await TrailViews.install(on: connection)
    }

    static func run(companies: Int = 3, _ body: (MigrationWorld) async throws -> Void) async throws {
        try await withTestDatabase(template: try await template.name()) { database in
            let owner = try await database.superuser()
            try await owner.query("REVOKE TEMPORARY, CREATE ON DATABASE \(database.name) FROM PUBLIC")
            try await owner.query("GRANT CREATE ON DATABASE \(database.name) TO piste_owner")
            let world = MigrationWorld(
                database: database, owner: owner, admin: database.roleName("bob_m"),
                support: database.roleName("alice_m"))
            try await owner.query("SELECT * FROM piste.add_operator($1, 'admin')", [.text(world.admin)])
            try await owner.query("SELECT * FROM piste.add_operator($1, 'support')", [.text(world.support)])
            for number in 1...companies { try await world.create("company-\(number)") }
            for (number, migration) in further.enumerated() {
                _ = try await BlueprintRegistration(connection: owner).register(
                    migration, origin: "owner \(number + 2)")
            }
            try await body(world)
            await owner.close()
        }
    }

    /// Makes a company with three users and two journeys.
    func create(_ urlID: String) async throws {
        let home = try await owner.value(
            "SELECT schema_name FROM piste.create_company(initcap($1), $1, 'okta')", [.text(urlID)])
        try await owner.run(
            script: """
                INSERT INTO \(home).users (email, name) SELECT 'u' || n || '@x.example', 'User ' || n FROM generate_series(1, 3) n;
                INSERT INTO \(home).journeys (user_id, name) SELECT id, 'Onboarding' FROM \(home).users LIMIT 2;
                INSERT INTO \(home).journey_steps (journey_id, position, name) SELECT id, 1, 'Start' FROM \(home).journeys;
                """)
    }

    func home(_ urlID: String) async throws -> String {
        try await owner.value("SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(urlID)])
    }

    func version(_ urlID: String) async throws -> Int {
        try await owner.number(
            "SELECT blueprint_version FROM piste.company WHERE url_id = $1", [.text(urlID)])
    }

    func digest(_ urlID: String) async throws -> String {
        try await owner.value(
            "SELECT piste.company_structure_digest(schema_name) FROM piste.company WHERE url_id = $1",
            [.text(urlID)])
    }

    /// The versions and digests of all companies, as text.
    func picture() async throws -> [String] {
        try await owner.query(
            """
            SELECT concat_ws(' ', url_id, blueprint_version, piste.company_structure_digest(schema_name))
            FROM piste.company ORDER BY url_id
            """
        ).map { try $0.string(0) }
    }

    func client(_ login: String? = nil) async throws -> TenancyClient {
        try await TenancyClient.connect(database.settings(user: login ?? admin))
    }

    /// Puts a row into the company that the second blueprint does not allow.
    func spoil(_ urlID: String) async throws {
        try await owner.query(
            "INSERT INTO \(home(urlID)).journeys (user_id, name) VALUES (1, 'Nowhere')")
    }

    func mend(_ urlID: String) async throws {
        try await owner.query("DELETE FROM \(home(urlID)).journeys WHERE name = 'Nowhere'")
    }

    /// The words with which the check refuses a migration; nil when it is registered, which is undone.
    func refusal(of migration: String) async throws -> String? {
        try await owner.run(script: "BEGIN")
        var words: String?
        do {
            _ = try await BlueprintRegistration(connection: owner).register(migration, origin: "owner test")
        } catch {
            #expect(error.sqlState == "PT422")
            words = error.message
        }
        try await owner.run(script: "ROLLBACK")
        return words
    }

    /// A table with all that the rules ask for.
    static func table(_ name: String) -> String {
        """
        CREATE TABLE {schema}.\(name) (
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            user_id bigint REFERENCES {schema}.users ON DELETE CASCADE,
            title varchar(200) NOT NULL
        );
        SELECT piste.put_behind_gate('{schema}', '\(name)');

        """
    }
}
