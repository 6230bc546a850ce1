import Postgres
import TestSupport

/// A running site in the world's database: a schema a tenant, with names and tables of every kind, whose application has a login
/// of its own.
struct SiteWorld {
    let world: EngineWorld
    /// The application's login, who owns the schemas.
    let site: String

    /// A name of 63 bytes.
    static let longest = "n23456789012345678901234567890123456789012345678901234567890123"
    static let schemas = ["tenant_acme", "tenant_o_brien", "Tenant \"Mixed\""]

    /// What is declared to read each table, how it is named in SQL, and how many rows it has.
    static let tables: [(resource: String, name: String, rows: Int)] = [
        ("users", "users", 20), ("tables.audit", "audit", 1), ("tables.token", "token", 1),
        ("OrderLines", "\"OrderLines\"", 1), ("tables.odd%2C%20name%20%25%20here", "\"odd, name % here\"", 1),
        (longest, longest, 1), ("events", "events", 1), ("figures", "figures", 1), ("guarded", "guarded", 1),
        ("nokey", "nokey", 1), ("it's", "\"it's\"", 1),
    ]

    static func run(
        on server: TestServer = TestServers.installed, _ body: (SiteWorld) async throws -> Void
    ) async throws {
        try await EngineWorld.run(on: server) { world in
            let site = world.database.roleName("site")
            try await world.owner.query("CREATE ROLE \(site) LOGIN")
            try await world.owner.run(script: shared(site))
            for schema in schemas { try await world.owner.run(script: tenant(schema, site)) }
            try await body(SiteWorld(world: world, site: site))
        }
    }

    private static func shared(_ site: String) -> String {
        """
        CREATE TYPE public.order_state AS ENUM ('open', 'paid');
        CREATE TABLE public.countries (code text PRIMARY KEY);
        ALTER TABLE public.countries OWNER TO \(site);
        INSERT INTO public.countries VALUES ('de');
        """
    }

    private static func tenant(_ schema: String, _ site: String) -> String {
        let home = Quoted.identifier(schema)
        return """
            CREATE SCHEMA \(home) AUTHORIZATION \(site);
            SET ROLE \(site);
            CREATE TABLE \(home).users (
                id serial PRIMARY KEY, email text NOT NULL, password_digest text, state public.order_state DEFAULT 'open',
                tags text[], meta jsonb, loud text GENERATED ALWAYS AS (email || '!') STORED);
            CREATE TABLE \(home).audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
            CREATE TABLE \(home).token (key text PRIMARY KEY, user_id int REFERENCES \(home).users);
            CREATE TABLE \(home)."OrderLines" (
                "orderId" int, "lineNo" int, country text REFERENCES public.countries, PRIMARY KEY ("orderId", "lineNo"));
            CREATE TABLE \(home)."odd, name % here" (a int, "B c" text);
            CREATE TABLE \(home).\(longest) (\(longest) int);
            CREATE TABLE \(home).events (at timestamptz NOT NULL, what text) PARTITION BY RANGE (at);
            CREATE TABLE \(home).events_2026 PARTITION OF \(home).events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
            CREATE VIEW \(home).v AS SELECT id FROM \(home).users;
            CREATE TABLE \(home).guarded (id int PRIMARY KEY, owner text);
            ALTER TABLE \(home).guarded ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON \(home).guarded USING (owner = current_user);
            CREATE TABLE \(home).nokey (j json);
            CREATE TABLE \(home)."it's" (id int);
            CREATE FUNCTION \(home).f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
            INSERT INTO \(home).users (email, password_digest)
            SELECT 'u' || n || '@x.example', 'secret' FROM generate_series(1, 20) AS n;
            INSERT INTO \(home).audit (what) VALUES ('login');
            INSERT INTO \(home).token VALUES ('k1', 1);
            INSERT INTO \(home)."OrderLines" VALUES (1, 1, 'de');
            INSERT INTO \(home)."odd, name % here" VALUES (1, 'x');
            INSERT INTO \(home).\(longest) VALUES (1);
            INSERT INTO \(home).events VALUES ('2026-05-05', 'x');
            INSERT INTO \(home).guarded VALUES (1, 'nobody');
            INSERT INTO \(home).nokey VALUES ('{}');
            INSERT INTO \(home)."it's" VALUES (1);
            CREATE MATERIALIZED VIEW \(home).figures AS SELECT count(*) AS n FROM \(home).users;
            COMMENT ON TABLE \(home).users IS 'people';
            GRANT SELECT ON \(home).audit TO pg_monitor;
            RESET ROLE;
            """
    }

    /// Adopts a schema as a superuser; the refusal, when there was one.
    @discardableResult
    func adopt(
        _ schema: String, as urlID: String, map: String = "{}", guarding degree: String? = nil,
        by connection: Connection? = nil
    ) async throws -> String? {
        try await (connection ?? world.owner).query(
            "SELECT refusal FROM piste.adopt($1, $2, $3, 'application', $4::jsonb, $5)",
            [.text(schema), .text(urlID), .text(urlID), .text(map), degree.map { .text($0) } ?? .null]
        )[0].optionalString(0)
    }

    /// Everything about the tenants' schemas that a release has to give back: owners, privileges, policies, triggers, defaults,
    /// statistics, functions, constraints, comments, and whether anything of the engine's depends on them.
    func everything() async throws -> String {
        try await world.owner.value(
            """
            SELECT string_agg(line, E'\\n' ORDER BY line COLLATE "C") FROM (
                SELECT concat_ws(' ', 'schema', n.nspname, n.nspowner::regrole, piste.privileges_text(n.nspacl, 'n', n.nspowner)) AS line
                FROM pg_namespace n WHERE n.nspname ILIKE 'tenant%' OR n.nspname ~ '^w_'
                UNION ALL
                SELECT concat_ws(' ', 'relation', c.oid::regclass, c.relkind, c.relowner::regrole, c.relrowsecurity,
                    c.relforcerowsecurity, c.relreplident, obj_description(c.oid, 'pg_class'),
                    piste.privileges_text(c.relacl, 'r', c.relowner), (
                        SELECT count(*) FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid))
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname ILIKE 'tenant%'
                UNION ALL
                SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, a.attstattarget, a.attacl)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname ILIKE 'tenant%' AND a.attnum > 0
                UNION ALL
                SELECT concat_ws(' ', 'default', f.adrelid::regclass, f.adnum, pg_get_expr(f.adbin, f.adrelid)) FROM pg_attrdef f
                JOIN pg_class c ON c.oid = f.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname ILIKE 'tenant%'
                UNION ALL
                SELECT concat_ws(' ', 'routine', p.oid::regprocedure, p.proowner::regrole, p.prosecdef,
                    piste.privileges_text(p.proacl, 'f', p.proowner))
                FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname ILIKE 'tenant%'
                UNION ALL
                SELECT concat_ws(' ', 'type', t.oid::regtype, t.typowner::regrole)
                FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname ILIKE 'tenant%'
                UNION ALL
                SELECT concat_ws(' ', 'policy', p.polrelid::regclass, p.polname, p.polpermissive, p.polcmd, p.polroles::regrole[],
                    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy'))
                FROM pg_policy p
                JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname ILIKE 'tenant%'
                UNION ALL
                SELECT concat_ws(' ', 'trigger', t.tgrelid::regclass, t.tgname, t.tgenabled) FROM pg_trigger t
                JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname ILIKE 'tenant%' AND NOT t.tgisinternal
                UNION ALL
                SELECT concat_ws(' ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
                FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname ILIKE 'tenant%'
            ) AS l
            """)
    }

    /// What the proof finds wrong, a line each; nothing where it holds.
    func failures() async throws -> [String] {
        try await world.owner.query(
            "SELECT id || ': ' || evidence FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
        ).map {
            try $0.string(0)
        }
    }
}
