import Postgres
import TestSupport
import Testing

/// Attacks with PostgreSQL's own machinery: one statement each, refused by SQLSTATE.
struct PrivilegeAttackTests {
    /// What a reader in a context tries.
    private static let asReader: [Probe] = [
        Probe("15", "CREATE TEMP TABLE copy AS SELECT * FROM users"),
        Probe("15", "SELECT * INTO TEMP copy FROM users"),
        Probe("15", "CREATE MATERIALIZED VIEW copy AS SELECT * FROM users"),
        Probe("20", "TRUNCATE users", "42809"),
        Probe("20", "TRUNCATE {acme}.users"),
        Probe("20", "CREATE TABLE x (u bigint REFERENCES users)"),
        Probe("20", "CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION piste.refuse_rewrite()"),
        Probe("25", "CREATE FUNCTION piste.me() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Probe(
            "25", "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL'"
        ),
        Probe("25", "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Probe(
            "25",
            "CREATE OPERATOR public.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = timestamptz_gt)"
        ),
        Probe("25", "CREATE TYPE public.uuid AS (x text)"),
        Probe("25", "CREATE CAST (text AS uuid) WITH INOUT", "42501"),
        Probe("26", "CREATE TEMP TABLE users (id int, email text)"),
        Probe("26", "CREATE TEMP VIEW users AS SELECT 1"),
        Probe("27", "CREATE VIEW v AS SELECT * FROM users"),
        Probe(
            "27",
            "CREATE OR REPLACE VIEW public.v WITH (security_invoker = off) AS SELECT * FROM {acme-windows}.users"
        ),
        Probe("27", "CREATE OR REPLACE VIEW users AS SELECT * FROM {acme}.users"),
        Probe("27", "ALTER VIEW users SET (security_barrier = true)"),
        Probe("27", "ALTER VIEW users ALTER COLUMN status SET DEFAULT 'x'"),
        Probe("27", "DROP VIEW users"),
        Probe("28", "ALTER TABLE users NO FORCE ROW LEVEL SECURITY"),
        Probe("28", "ALTER TABLE users OWNER TO {carol}"),
        Probe("28", "ALTER ROLE {carol} BYPASSRLS"),
        Probe("28", "SET row_security = off; SELECT * FROM users"),
        Probe("28", "SELECT * FROM {acme}.users"),
        Probe("28", "SELECT count(*) FROM {acme}.users"),
        Probe("28", "LOCK TABLE {acme}.users IN ACCESS SHARE MODE", "42501", "25P01"),
        Probe("31", "SELECT * FROM {acme-windows}.users, {globex-windows}.users"),
        Probe("31", "SELECT * FROM {globex-windows}.users"),
        Probe("31", "SET ROLE {globex}_reader"),
        Probe("32", "ALTER ROLE {acme}_reader LOGIN"),
        Probe("32", "ALTER ROLE {acme}_reader VALID UNTIL 'infinity'"),
        Probe("32", "ALTER ROLE {acme}_agent SET search_path = public"),
        Probe("32", "GRANT {acme}_reader TO {carol}"),
        Probe("33", "DO $$ BEGIN PERFORM set_config('role', '{globex}_reader', false); END $$"),
        Probe("33", "DO $$ BEGIN EXECUTE 'SET ' || 'ROLE ' || 'piste_owner'; END $$"),
        Probe("33", "SET SESSION AUTHORIZATION {bob}"),
        Probe("35", "CREATE ROLE mallory SUPERUSER"),
        Probe("35", "SET ROLE piste_roles"),
        Probe("35", "GRANT pg_read_all_data TO {carol}"),
        Probe("35", "SELECT piste.grant_company_role(gen_random_uuid(), 'reader', '{carol}')"),
        Probe("36", "SELECT * FROM pg_statistic"),
        Probe("36", "SELECT starelid, staattnum FROM pg_statistic"),
        Probe("36", "CREATE STATISTICS s ON name, email FROM users", "42501", "42809"),
        Probe("36", "CREATE STATISTICS s ON name, email FROM {acme}.users"),
        Probe("37", "SELECT * FROM piste.company"),
        Probe("37", "SELECT * FROM pg_authid"),
        Probe("40", "SELECT lo_create(0)"),
        Probe("40", "SELECT lo_from_bytea(0, 'x')"),
        Probe("40", "SELECT lo_creat(-1)"),
        Probe("40", "SELECT lo_export(1, '/tmp/piste-attack')"),
        Probe("40", "SELECT lo_import('/etc/hostname')"),
        Probe("40", "SELECT * FROM pg_largeobject"),
        Probe("41", "SELECT dblink('dbname={database}', 'SELECT 1')", "42883"),
        Probe("41", "CREATE EXTENSION dblink", "42501", "0A000", "58P01"),
        Probe("41", "CREATE EXTENSION postgres_fdw", "42501", "0A000", "58P01"),
        Probe("41", "CREATE EXTENSION hstore", "42501", "0A000", "58P01"),
        Probe("41", "SELECT pg_read_file('PG_VERSION')"),
        Probe("41", "SELECT pg_ls_dir('.')"),
        Probe("41", "SELECT pg_stat_file('PG_VERSION')"),
        Probe("41", "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION piste.refuse_rewrite()"),
        Probe("41", "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'getpid'"),
        Probe("41", "LOAD 'auto_explain'"),
        Probe("43", "COPY users FROM STDIN"),
        Probe("44", "SELECT * FROM pg_stat_statements", "42P01", "42501"),
        Probe("N10", "COPY users TO PROGRAM 'cat >/tmp/piste-attack'"),
        Probe("N10", "COPY users TO '/tmp/piste-attack'"),
        Probe("N11", "SELECT currval('piste.backend_entry')"),
        Probe("N11", "SELECT nextval('piste.backend_entry')"),
        Probe("N11", "SELECT setval('piste.backend_entry', 1)"),
        Probe("N11", "SELECT * FROM piste.backend_entry"),
        Probe("N12", "SELECT setval('{acme}.users_id_seq', 1)"),
        Probe("N12", "SELECT nextval('{acme}.users_id_seq')"),
        Probe("N12", "SELECT setval('{globex}.users_id_seq', 1)"),
        Probe("N13", "SELECT pg_create_logical_replication_slot('s', 'pgoutput')"),
        Probe("N13", "SELECT pg_create_physical_replication_slot('s')"),
        Probe("N13", "CREATE PUBLICATION p FOR TABLE users"),
        Probe("N13", "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p"),
        Probe("N14", "CREATE RULE r AS ON SELECT TO users DO INSTEAD SELECT 1"),
        Probe("N14", "CREATE POLICY more ON users USING (true)"),
        Probe("N14", "CREATE POLICY more ON {acme}.users USING (true)"),
        Probe("N14", "ALTER POLICY gate_select ON {acme}.users USING (true)"),
        Probe("N14", "DROP POLICY gate_select ON {acme}.users"),
        Probe("N14", "ALTER TABLE {acme}.users DISABLE TRIGGER recorded_update"),
        Probe("N14", "ALTER TABLE users DISABLE TRIGGER recorded_update"),
        Probe("N14", "ALTER TABLE users ADD COLUMN x int"),
        Probe("N14", "CREATE INDEX ON users ((email || pg_sleep(1)::text))"),
        Probe("N14", "ALTER TABLE users ATTACH PARTITION {globex}.users DEFAULT", "42501", "42809"),
        Probe("N14", "ALTER TABLE {acme}.users DISABLE TRIGGER shut"),
        Probe("N14", "CREATE TABLE child () INHERITS (users)"),
        Probe("N15", "SET session_replication_role = replica"),
        Probe("N15", "SET log_statement = 'none'"),
        Probe("N15", "SET track_functions = 'all'"),
        Probe("N15", "SET session_preload_libraries = 'auto_explain'"),
        Probe("N15", "ALTER SYSTEM SET fsync = off"),
        Probe("N15", "ALTER DATABASE {database} SET row_security = off"),
        Probe("N15", "ALTER ROLE ALL SET row_security = off"),
        Probe("N15", "SELECT pg_reload_conf()"),
        Probe("N16", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'"),
        Probe("N16", "SELECT piste.end_backend(pg_backend_pid(), clock_timestamp())"),
        Probe("N16", "SELECT piste.live_backends()"),
        Probe("N17", "BEGIN; SELECT piste.declare('users.read', 'users'); PREPARE TRANSACTION 'x'", "55000"),
        Probe("N18", "SELECT * FROM users FOR UPDATE"),
        Probe("N18", "UPDATE users SET status = 'suspended' RETURNING email"),
        Probe("N18", "DELETE FROM users USING {globex-windows}.users AS g"),
        Probe(
            "N18",
            "INSERT INTO users (email, name) VALUES ('x', 'x') ON CONFLICT (email) DO UPDATE SET name = 'x'"),
        Probe(
            "N18", "MERGE INTO users u USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
            "42501", "42809", "0A000"),
        Probe("N19", "REASSIGN OWNED BY piste_owner TO {carol}"),
        Probe("N19", "DROP OWNED BY piste_owner"),
        Probe("N19", "ALTER DEFAULT PRIVILEGES FOR ROLE piste_owner GRANT SELECT ON TABLES TO {carol}"),
        Probe("N19", "COMMENT ON VIEW users IS 'mine'"),
        Probe("N19", "COMMENT ON TABLE {acme}.users IS 'mine'"),
        Probe("N19", "ALTER FUNCTION piste.declare(text, text, jsonb) SET search_path = public"),
        Probe("N19", "ALTER FUNCTION piste.open_until(uuid, text, text) OWNER TO {carol}"),
        Probe("N20", "SELECT * FROM piste.entry"),
        Probe("N20", "SELECT * FROM piste.trail FOR UPDATE"),
        Probe("N20", "INSERT INTO piste.entry DEFAULT VALUES"),
        Probe("N20", "UPDATE piste.trail SET seq = 0"),
        Probe("N20", "SELECT piste.append(NULL, 'x', NULL, NULL, 'x', 'x', NULL)"),
        Probe("N20", "SELECT piste.record_load('acme', 'users', 1)"),
        Probe("N20", "SELECT piste.note_declaration(gen_random_uuid(), gen_random_uuid(), ARRAY['users'])"),
        Probe("N20", "SELECT piste.signed_token('k', 'x', '{}')"),
        Probe("N20", "SELECT piste_crypto.hmac('x', 'x', 'sha256')"),
    ]

    @Test(
        "Every statement of the list is refused to a reader",
        arguments: Array(Set(asReader.map(\.number))).sorted())
    func reader(number: String) async throws {
        try await EngineWorld.underAttack { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            try await world.expectReading(carol)
            for probe in Self.asReader where probe.number == number {
                var state: String?
                for part in probe.parts(in: world) where state == nil { state = await carol.sqlState(part) }
                #expect(probe.states.contains(state ?? "done"), "\(probe): \(state ?? "done")")
                await carol.attempt("ROLLBACK", "RESET row_security")
                try await world.expectReading(carol)
            }
            await carol.close()
        }
    }

    @Test("29: A table that a migration adds without a gate and without grants gives nothing")
    func tableWithoutGate() async throws {
        try await EngineWorld.underAttack { world in
            try await world.owner.run(
                script: """
                    SET ROLE piste_owner;
                    CREATE TABLE \(world.acme).invoices AS SELECT 'secret' AS line;
                    CREATE TABLE \(world.acme).parted (id int, line text) PARTITION BY LIST (id);
                    CREATE TABLE \(world.acme).part PARTITION OF \(world.acme).parted DEFAULT;
                    RESET ROLE
                    """)
            let (shop, _) = try await world.inside("acme", as: world.shop)
            for table in ["invoices", "parted", "part"] {
                #expect(await shop.sqlState("SELECT * FROM \(table)") == "42P01")
                #expect(await shop.sqlState("SELECT * FROM \(world.acme).\(table)") == "42501")
            }
            try await world.expectReading(shop)
            #expect(try await world.owner.count("\(world.acme).invoices") == 1)
            await shop.close()
        }
    }

    @Test("28: Whoever stands above row security becomes no operator, and is named when they become it later")
    func aboveTheGate() async throws {
        try await EngineWorld.underAttack { world in
            let bob = try await world.connect(world.bob)
            for attribute in ["SUPERUSER", "BYPASSRLS", "CREATEROLE"] {
                let login = world.database.roleName("high_\(attribute.lowercased())")
                try await world.owner.query("CREATE ROLE \(login) LOGIN NOINHERIT \(attribute)")
                #expect(try await bob.refusal("add_operator('\(login)', 'viewer')") == "login_unsafe")
                try await world.owner.query("ALTER ROLE \(login) NO\(attribute)")
                #expect(try await bob.refusal("add_operator('\(login)', 'viewer')") == nil)
                try await world.owner.query("ALTER ROLE \(login) \(attribute)")
                #expect(
                    try await !bob.value("SELECT problem FROM piste.operators() WHERE login = '\(login)'")
                        .isEmpty)
            }
            await bob.close()
        }
    }

    @Test("32, 37: What a role takes on while somebody is in it is taken back, and opens no door")
    func roleDrift() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.query("ALTER ROLE \(world.acme)_reader SET search_path = 'public'")
            await alice.attempt("ALTER ROLE \(world.acme)_reader PASSWORD 'open'")
            await #expect(throws: PostgresError.self) { try await world.connect("\(world.acme)_reader") }
            #expect(try await world.owner.value("SELECT did FROM piste.sweep()") == "reset")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_db_role_setting WHERE setrole = '\(world.acme)_reader'::regrole")
                    == 0)
            // The catalogs tell that there are companies, and not which.
            let names = try await alice.value(
                "SELECT string_agg(nspname, ' ') FROM pg_namespace WHERE nspname ~ '(acme|globex)'")
            #expect(names.isEmpty)
            #expect(world.acme.hasPrefix("t_"))
            try await world.expectReading(alice)
            await alice.close()
        }
    }
}

extension Probe {
    /// The statements one by one, as a client sends them.
    fileprivate func parts(in world: EngineWorld) -> [String] {
        let whole = statement(in: world)
        return whole.contains("$$") ? [whole] : whole.split(separator: ";").map(String.init)
    }
}
