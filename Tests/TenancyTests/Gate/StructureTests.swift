import Postgres
import TestSupport
import Testing

/// Whatever is amiss in a company's store or windows is named before the company is carried on.
struct StructureTests {
    /// What a superuser breaks, with `{store}` and `{windows}` for the schemas, `{stem}` for what the roles' names begin with;
    /// and what the sentence must hold.
    private static let broken: [(sql: String, words: String)] = [
        ("ALTER VIEW {windows}.users SET (security_barrier = true)", "window users has options"),
        ("ALTER VIEW {windows}.users SET (security_invoker = true)", "window users has options"),
        (
            "CREATE OR REPLACE VIEW {windows}.users AS SELECT * FROM {store}.users",
            "window users is not the one of its table"
        ),
        (
            """
            CREATE OR REPLACE VIEW {windows}.users AS SELECT * FROM {store}.users
            WHERE clock_timestamp() < (SELECT piste.open_until((SELECT gen_random_uuid()), 'users'))
            """, "window users is not the one of its table"
        ),
        (
            "ALTER TABLE {store}.users ADD COLUMN more text",
            "the planner keeps samples of {schema}.users.more"
        ),
        (
            "ALTER TABLE {store}.users ADD COLUMN more text, ALTER more SET STATISTICS 0",
            "window users is not the one of its table"
        ),
        ("DROP VIEW {windows}.users", "table users has no window"),
        ("CREATE VIEW {windows}.more AS SELECT 1 AS id", "more in the schema of the windows is no window"),
        ("CREATE TABLE {windows}.more (id int)", "more in the schema of the windows is no window"),
        ("CREATE FUNCTION {windows}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function {window}.f()"),
        (
            "CREATE RULE r AS ON DELETE TO {windows}.users DO INSTEAD NOTHING",
            "window users has a trigger, a rule"
        ),
        ("ALTER VIEW {windows}.users ALTER role SET DEFAULT 'x'", "window users has a trigger, a rule"),
        ("ALTER VIEW {windows}.users OWNER TO CURRENT_USER", "instead of piste_owner"),
        ("CREATE VIEW {store}.more AS SELECT 1 AS id", "view more has no place"),
        ("CREATE TABLE {store}.more (id int) PARTITION BY LIST (id)", "partitioned table more has no place"),
        (
            "GRANT SELECT ON {store}.users TO {stem}_reader",
            "SELECT on table users is granted to {schema}_reader"
        ),
        ("GRANT SELECT (id) ON {store}.users TO {stem}_agent", "SELECT on column users.id is granted"),
        ("GRANT USAGE ON SEQUENCE {store}.users_id_seq TO {stem}_writer", "USAGE on sequence users_id_seq"),
        ("GRANT USAGE ON SCHEMA {store} TO {stem}_reader", "USAGE on the schema {schema} is granted"),
        ("GRANT CREATE ON SCHEMA {windows} TO {stem}_writer", "CREATE on the schema {window} is granted"),
        ("GRANT DELETE ON {windows}.users TO {stem}_agent", "DELETE on window users is granted"),
        ("GRANT SELECT ON {windows}.users TO PUBLIC", "SELECT on window users is granted to PUBLIC"),
        ("REVOKE DELETE ON {windows}.users FROM {stem}_writer", "DELETE on window users is not granted"),
        (
            "CREATE SCHEMA side; GRANT CREATE ON SCHEMA side TO {stem}_writer",
            "{schema}_writer has privileges on schema side"
        ),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "may create objects in the schema public"),
        ("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "may make temporary tables"),
        ("ALTER TABLE {store}.users NO FORCE ROW LEVEL SECURITY", "row level security is not forced"),
        ("ALTER POLICY owner_reads ON {store}.users TO PUBLIC", "policy owner_reads on table"),
        ("DROP POLICY owner_reads ON {store}.users", "has no policy owner_reads"),
        ("CREATE POLICY more ON {store}.users TO piste_owner USING (true)", "policy more on table"),
        ("DROP TRIGGER shut ON {store}.users", "table users has no trigger shut"),
        (
            """
            CREATE OR REPLACE TRIGGER shut BEFORE INSERT OR UPDATE ON {store}.users
            FOR EACH STATEMENT EXECUTE FUNCTION piste.refuse_when_shut('x', 'users')
            """, "table users has no trigger shut"
        ),
        ("ALTER TABLE {store}.users DISABLE TRIGGER shut", "users is switched off"),
        (
            "ALTER TABLE {store}.users ALTER id SET STATISTICS 10",
            "the planner keeps samples of {schema}.users.id"
        ),
        (
            """
            ALTER TABLE {store}.users ALTER id SET STATISTICS 10; ANALYZE {store}.users;
            ALTER TABLE {store}.users ALTER id SET STATISTICS 0
            """, "the planner has samples of {schema}.users.id"
        ),
        ("CREATE STATISTICS {store}.s ON name, email FROM {store}.users", "extended statistics s"),
        ("CREATE INDEX i ON {store}.users (lower(role))", "the planner keeps samples of {schema}.i.lower"),
        (
            """
            SET LOCAL ROLE piste_owner;
            CREATE SEQUENCE {store}.s;
            ALTER TABLE {store}.journeys ALTER current_step SET DEFAULT nextval('{store}.s')
            """, "takes its default from a sequence"
        ),
        ("ALTER FUNCTION piste.open_until(uuid, text, text) STABLE", "piste.open_until is not the gate's"),
        ("ALTER FUNCTION piste.open_until(uuid, text, text) LEAKPROOF", "piste.open_until is not the gate's"),
        (
            "ALTER FUNCTION piste.open_until(uuid, text, text) PARALLEL SAFE",
            "piste.open_until is not the gate's"
        ),
        (
            "SET LOCAL ROLE piste_owner; CREATE TABLE {store}.bare (id bigint PRIMARY KEY)",
            "table bare has no gate"
        ),
    ]

    @Test("Each of them is named, and a sound company gives none", arguments: TestServers.all)
    func named(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let ask = "SELECT piste.structure_problem('\(world.acme)')"
            #expect(try await world.owner.value(ask).isEmpty)
            for (sql, words) in Self.broken {
                let filled = sql.replacing("{store}", with: world.acme)
                    .replacing("{windows}", with: world.acme.windows)
                    .replacing("{stem}", with: world.acme).replacing("{database}", with: world.database.name)
                try await world.owner.query("BEGIN")
                try await world.owner.run(script: filled)
                // As an admin's migration asks: with the rights of the engine's owner.
                try await world.owner.query("SET LOCAL ROLE piste_owner")
                let problem = try await world.owner.value(ask)
                #expect(problem.contains(words), "\(sql)\n→ \(problem)")
                try await world.owner.query("ROLLBACK")
            }
            #expect(try await world.owner.value(ask).isEmpty)
        }
    }

    @Test("The other company's structure is its own")
    func others() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("DROP VIEW \(world.acme.windows).users")
            #expect(try await world.owner.value("SELECT piste.structure_problem('\(world.acme)')") != "")
            #expect(try await world.owner.value("SELECT piste.structure_problem('\(world.globex)')").isEmpty)
        }
    }
}
