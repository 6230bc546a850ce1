import Postgres
import Tenancy
import TestSupport
import Testing

/// What a blueprint must not do is found on a throw-away company, before it touches anybody.
struct BlueprintCheckTests {
    /// A migration that adds a sound table and then does this, and what the refusal must name.
    struct Attack: Sendable {
        var sql: String
        var names: String
        /// The same from PostgreSQL 16 on, where whoever makes a role is given it.
        var from16: String

        init(_ sql: String, _ names: String, from16: String? = nil) {
            self.sql = sql
            self.names = names
            self.from16 = from16 ?? names
        }

        /// Runs this for the schema of some other company; written so that nothing can be seen in the text.
        static func elsewhere(_ sql: String, _ names: String) -> Attack {
            Attack(
                """
                DO $do$ BEGIN EXECUTE (
                    SELECT replace('\(sql)', '<home>', nspname) FROM pg_catalog.pg_namespace
                    WHERE nspname LIKE 't\\_%' AND nspname <> '{schema}' ORDER BY oid LIMIT 1); END $do$;
                """, names)
        }

        /// Runs this with the engine's schema for <engine>, hidden in the same way.
        static func engine(_ sql: String, _ names: String, from16: String? = nil) -> Attack {
            Attack(
                "DO $do$ BEGIN EXECUTE replace('\(sql)', '<engine>', 'pis' || 'te'); END $do$;", names,
                from16: from16)
        }
    }

    private static let ownTable: [Attack] = [
        Attack("CREATE TABLE {schema}.bare (id bigint PRIMARY KEY);", "table bare has no gate"),
        Attack("ALTER TABLE {schema}.reports NO FORCE ROW LEVEL SECURITY;", "not forced"),
        Attack("ALTER TABLE {schema}.users DISABLE ROW LEVEL SECURITY;", "table users has no gate"),
        Attack("DROP POLICY gate_delete ON {schema}.reports;", "reports has no policy gate_delete"),
        Attack("CREATE POLICY more ON {schema}.reports FOR SELECT USING (true);", "policy more"),
        Attack("CREATE POLICY more ON {schema}.users FOR SELECT USING (true);", "policy more"),
        Attack("ALTER POLICY gate_select ON {schema}.reports USING (true);", "gate_select"),
        Attack("ALTER POLICY gate_select ON {schema}.reports TO {reader};", "gate_select"),
        Attack(
            """
            ALTER POLICY gate_select ON {schema}.reports
                USING (clock_timestamp() < (SELECT piste.open_until({company}, 'users')));
            """,
            "piste.open_until"),
        .engine(
            """
            ALTER POLICY gate_select ON {schema}.reports
                USING (clock_timestamp() < (SELECT <engine>.open_until(gen_random_uuid(), ''users'')))
            """, "policy gate_select on table {schema}.reports"),
        Attack("ALTER POLICY owner_reads ON {schema}.users TO PUBLIC;", "policy owner_reads"),
        Attack("GRANT SELECT ON {schema}.reports TO PUBLIC;", "granted to PUBLIC"),
        Attack("GRANT SELECT (title) ON {schema}.reports TO PUBLIC;", "column reports.title is granted"),
        Attack("GRANT CREATE ON SCHEMA {schema} TO {writer};", "CREATE on the schema"),
        Attack("GRANT TRUNCATE ON {schema}.reports TO {writer};", "TRUNCATE on table reports"),
        Attack("GRANT INSERT ON {schema}.reports TO {reader};", "INSERT on table reports"),
        Attack("GRANT SELECT ON {schema}.reports TO {reader} WITH GRANT OPTION;", "SELECT on table reports"),
        Attack("GRANT SELECT ON {schema}.reports TO {reader};", "SELECT on table reports"),
        Attack("GRANT USAGE ON SCHEMA {schema} TO {reader};", "USAGE on the schema"),
        Attack(
            "GRANT USAGE ON SEQUENCE {schema}.reports_id_seq TO {writer};",
            "USAGE on sequence reports_id_seq"),
        Attack(
            """
            CREATE TABLE {schema}.numbered (id bigserial PRIMARY KEY);
            SELECT piste.put_behind_gate('{schema}', 'numbered');
            """, "numbered.id takes its default from a sequence"),
        Attack("DROP TRIGGER shut ON {schema}.reports;", "reports has no trigger shut"),
        Attack("ALTER TABLE {schema}.reports DISABLE TRIGGER shut;", "reports is switched off"),
        Attack("CREATE STATISTICS {schema}.pairs ON name, email FROM {schema}.users;", "statistics pairs"),
        Attack("SELECT piste.put_behind_gate('{schema}', 'nothing');", "no table nothing"),
        Attack(
            "SELECT piste.put_behind_gate('{schema}', 'reports', redacted => '{secret}');",
            "no column secret"),
        Attack("SELECT piste.put_behind_gate('piste', 'company');", "no table company"),
        Attack(
            "DROP TRIGGER recorded_insert ON {schema}.reports;", "reports has not the triggers that record"),
        Attack("ALTER TABLE {schema}.users DISABLE TRIGGER recorded_update;", "users"),
        Attack("CREATE INDEX peek ON other.things (id);", "peek"),
        Attack("ALTER TABLE {schema}.users DROP COLUMN locale;", "users.locale"),
        Attack("ALTER TABLE {schema}.users RENAME COLUMN email TO mail;", "users.email"),
        Attack(
            "ALTER TRIGGER recorded_update ON {schema}.reports RENAME TO noted;",
            "reports has not the triggers that record"),
        Attack("ALTER TABLE {schema}.reports SET UNLOGGED;", "reports is not logged"),
        Attack("CREATE VIEW {schema}.peek AS SELECT * FROM {schema}.users;", "view peek"),
        Attack("CREATE MATERIALIZED VIEW {schema}.peek AS SELECT * FROM {schema}.users;", "peek"),
        Attack(
            "CREATE FUNCTION {schema}.peek() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
            "function peek"),
        Attack("CREATE RULE quiet AS ON DELETE TO {schema}.reports DO INSTEAD NOTHING;", "rule quiet"),
        Attack(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO PUBLIC;",
            "default privileges"),
    ]

    private static let outside: [Attack] = [
        Attack("ALTER TABLE {schema}.reports ADD COLUMN o int REFERENCES other.things;", "other.things"),
        Attack("ALTER TABLE {schema}.reports ADD COLUMN o int DEFAULT other.answer();", "other.answer()"),
        Attack("CREATE TABLE other.more (id int);", "other.more"),
        Attack("CREATE SCHEMA elsewhere;", "elsewhere"),
        Attack("DROP TABLE other.things;", "other.things"),
        Attack("DROP FUNCTION other.answer();", "other.answer()"),
        Attack("ALTER FUNCTION other.answer() RENAME TO reply;", "other.reply()"),
        Attack("INSERT INTO other.things VALUES (1);", "other.things"),
        Attack("TRUNCATE other.things;", "other.things"),
        Attack("COMMENT ON TABLE other.things IS 'mine';", "other.things"),
        Attack("GRANT SELECT ON other.things TO PUBLIC;", "other.things"),
        Attack("DO $do$ BEGIN PERFORM count(*) FROM other.things; END $do$;", "other.things"),
        Attack("CREATE TABLE {schema}.child () INHERITS (other.things);", "other.things"),
        Attack("CREATE PUBLICATION leak FOR TABLE {schema}.users;", "leak"),
        Attack("SET statement_timeout = 1000;", "statement_timeout"),
        Attack("DO $do$ BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(5); END $do$;", "advisory"),
        Attack("SET ROLE {writer};", "set role"),
        Attack("DO $do$ BEGIN EXECUTE 'SET RO' || 'LE {writer}'; END $do$;", "\"role\""),
        Attack("COMMIT;", "transaction commands"),
        Attack("CREATE TEMPORARY TABLE mine (id int);", "temporary tables"),
        Attack("ALTER ROLE {reader} LOGIN;", "permission denied"),
        Attack("UPDATE piste.company SET name = 'x';", "piste.company"),
        Attack("UPDATE \"piste\" . \"company\" SET name = 'x';", "piste.company"),
        .engine("UPDATE <engine>.company SET name = name", "piste.company"),
        .engine(
            "INSERT INTO <engine>.operator (login, level, added_by) VALUES (''eve'', ''admin'', ''eve'')",
            "piste.operator"),
        .engine("CREATE TABLE {schema}.loot AS SELECT kid FROM <engine>.signing_key", "loot"),
        .engine("SELECT count(*) FROM <engine>.signing_key", "piste.signing_key"),
        .engine(
            "SELECT <engine>.create_login(''eve_of_the_blueprint'', 1)", "pg_authid",
            from16: "pg_auth_members"),
        .engine("GRANT EXECUTE ON FUNCTION <engine>.random_bytes(integer) TO PUBLIC", "random_bytes"),
        .engine("CREATE FUNCTION <engine>.evil() RETURNS int LANGUAGE sql AS ''SELECT 1''", "piste.evil()"),
        .elsewhere("ALTER TABLE <home>.users ALTER COLUMN name SET STATISTICS 7", ".users"),
        .elsewhere("GRANT SELECT ON <home>.users TO PUBLIC", ".users"),
        .elsewhere("GRANT SELECT (name) ON <home>.users TO PUBLIC", ".users"),
        .elsewhere("DROP TABLE <home>.journey_steps", ".journey_steps"),
        .elsewhere("DROP POLICY gate_select ON <home>.users", ".users"),
        .elsewhere("SELECT count(*) FROM <home>.journeys", ".journeys"),
        .elsewhere("CREATE INDEX peek ON <home>.users (role)", "peek"),
    ]

    @Test func whatIsAmissInTheCompanyItselfIsNamed() async throws {
        try await refuses(Self.ownTable)
    }

    @Test func whatReachesOutOfTheCompanyIsNamed() async throws {
        try await refuses(Self.outside)
    }

    private func refuses(_ attacks: [Attack]) async throws {
        try await MigrationWorld.run(companies: 1) { world in
            try await world.owner.run(
                script: """
                    CREATE SCHEMA other AUTHORIZATION piste_owner;
                    SET ROLE piste_owner;
                    CREATE TABLE other.things (id int PRIMARY KEY);
                    CREATE FUNCTION other.answer() RETURNS int LANGUAGE sql AS 'SELECT 42';
                    RESET ROLE;
                    """)
            let table = MigrationWorld.table("reports")
            let before = try await world.picture()
            let isFrom16 =
                try await world.owner.number("SELECT current_setting('server_version_num')::int") >= 160_000
            for attack in attacks {
                let words = try await world.refusal(of: table + attack.sql)
                #expect(
                    words?.contains(isFrom16 ? attack.from16 : attack.names) == true,
                    "\(attack.sql)\n→ \(words ?? "registered")")
            }
            #expect(try await world.picture() == before)
            #expect(try await world.owner.count("piste.blueprint") == MigrationWorld.newest)
            #expect(try await world.owner.count("piste.company") == 1)
            // The same table is good without the attack.
            #expect(try await world.refusal(of: table) == nil)
        }
    }

    @Test func whatIsHarmlessIsRegistered() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            for migration in [
                "ALTER TABLE {schema}.users ADD COLUMN nick varchar(60); UPDATE {schema}.users SET nick = left(name, 60);",
                MigrationWorld.table("reports") + "ALTER TABLE {schema}.reports ALTER title TYPE text;",
                MigrationWorld.table("reports") + "ALTER TABLE {schema}.reports DROP COLUMN title;",
                "SELECT piste.put_behind_gate('{schema}', 'users', agent_columns => '{status,locale}', redacted => '{role}', sampled => '{status}');",
                "CREATE FUNCTION {schema}.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'; GRANT EXECUTE ON FUNCTION {schema}.twice TO {writer};",
                "CREATE INDEX users_by_role ON {schema}.users (role, id);",
                "-- piste.company and t_0123456789ab are only named here\nCREATE TYPE {schema}.mood AS ENUM ('sad', 'ok');",
            ] {
                let words = try await world.refusal(of: migration)
                #expect(words == nil)
            }
        }
    }

    @Test func onlyASuperuserRegisters() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let admin = try await world.database.connect(as: world.admin)
            #expect(
                await admin.sqlState("SELECT piste.register_blueprint('owner x', NULL, NULL, 'SELECT 1')")
                    == "42501")
            #expect(try await world.owner.count("piste.blueprint") == MigrationWorld.newest)
        }
    }

    @Test func aTableOfTheOwnersCanBeDeclaredFromThenOn() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let registration = BlueprintRegistration(connection: world.owner)
            let table = MigrationWorld.table("reports")
            #expect(
                try await registration.register(table, origin: "owner reports.sql") == MigrationWorld.newest
                    + 1)
            // Once more is the same; another text under the same name is a mistake.
            #expect(
                try await registration.register(table, origin: "owner reports.sql") == MigrationWorld.newest
                    + 1)
            await #expect(throws: TenancyError.self) {
                try await registration.register(table + "-- more", origin: "owner reports.sql")
            }
            let client = try await world.client()
            #expect(try await client.migrateCompany("company-1").target == MigrationWorld.newest + 1)
            try await world.create("newcomer")
            #expect(try await world.digest("company-1") == world.digest("newcomer"))
            try await world.owner.query(
                "INSERT INTO \(world.home("company-1")).reports (title) VALUES ('Winter')")
            let inside = try await world.database.connect(as: world.support)
            _ = try await inside.enter(try await inside.token("company-1").text)
            #expect(try await inside.count("reports") == 0)
            try await inside.query("SELECT piste.declare('reports.read', 'reports')")
            #expect(try await inside.value("SELECT title FROM reports") == "Winter")
            #expect(await inside.sqlState("SELECT piste.declare('x.read', 'nothing')") == "PT400")
        }
    }
}
