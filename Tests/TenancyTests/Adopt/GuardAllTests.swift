import Postgres
import Tenancy
import TestSupport
import Testing

/// Schemas that are guarded whole: the engine's own until they are released, written by tickets and by no other way.
struct GuardAllTests {
    /// What the site's tenants need before: a foreign key of theirs leads to a table of everybody's.
    private func share(_ site: SiteWorld) async throws {
        try await site.world.owner.query("SELECT * FROM piste.share_table('public.countries')")
    }

    @Test(
        "Observed, guarded from people, guarded whole, and back: nothing is left", arguments: TestServers.all)
    func isGivenBack(on server: TestServer) async throws {
        try await SiteWorld.run(on: server) { site in
            let world = site.world
            try await share(site)
            // What a site may have: rights that are passed on, columns' rights, policies with comments, targets of its own.
            try await world.owner.run(
                script: """
                    GRANT SELECT ON tenant_acme.users TO pg_monitor WITH GRANT OPTION;
                    GRANT UPDATE (email) ON tenant_acme.users TO pg_monitor;
                    GRANT USAGE ON SCHEMA tenant_acme TO pg_monitor;
                    GRANT SELECT ON tenant_acme.events TO piste_owner;
                    COMMENT ON POLICY own ON tenant_acme.guarded IS 'it''s theirs';
                    CREATE POLICY never ON tenant_acme.guarded AS RESTRICTIVE FOR UPDATE TO pg_monitor
                        USING (false) WITH CHECK (false);
                    ALTER TABLE tenant_acme.guarded FORCE ROW LEVEL SECURITY;
                    ALTER TABLE tenant_acme.users ALTER email SET STATISTICS 500;
                    CREATE INDEX ON tenant_acme.users (lower(email));
                    CREATE TYPE tenant_acme.mood AS ENUM ('fine');
                    CREATE DOMAIN tenant_acme.short AS text CHECK (length(VALUE) < 9);
                    """)
            let before = try await site.everything()
            #expect(try await world.owner.refusal("observe_schema('tenant_acme', 'tenant', 'T')") == nil)
            let map = #"{"record": true, "tables": {"guarded": {"hide": true}}}"#
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: map, guarding: "people") == nil)
            let people = try await site.everything()
            for _ in 1...2 {
                #expect(try await site.adopt("tenant_acme", as: "tenant", map: map, guarding: "all") == nil)
                #expect(try await site.adopt("tenant_o_brien", as: "brien", guarding: "all") == nil)
                #expect(try await site.failures().isEmpty)
                #expect(
                    try await world.owner.number(
                        """
                        SELECT count(*) FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('tenant_acme', 'tenant_o_brien')
                          AND c.relowner <> 'piste_owner'::regrole
                        """) == 0)
                // Without a word it stays as far as it is guarded.
                #expect(
                    try await world.owner.value(
                        "SELECT did FROM piste.adopt('tenant_acme', 'tenant', 'Tenant', map => '\(map)')")
                        == "unchanged")
                #expect(
                    try await site.adopt("tenant_acme", as: "tenant", map: map, guarding: "people") == nil)
                #expect(try await world.owner.refusal("release('brien', 'brien')") == nil)
                #expect(try await site.everything() == people)
                #expect(try await site.failures().isEmpty)
            }
            #expect(try await site.adopt("tenant_acme", as: "tenant", guarding: "all") == nil)
            #expect(try await site.adopt("Tenant \"Mixed\"", as: "mixed", guarding: "all") == nil)
            for company in ["tenant", "mixed"] {
                #expect(try await world.owner.refusal("release('\(company)', '\(company)')") == nil)
            }
            #expect(try await site.everything() == before)
            #expect(try await world.owner.number("SELECT count(*) FROM piste.adoption_step") == 0)
            // The sequence goes on where the identity was.
            let application = try await world.connect(site.site)
            #expect(
                try await application.number(
                    "INSERT INTO tenant_acme.users (email) VALUES ('n@x') RETURNING id") == 21)
            await application.close()
        }
    }

    @Test("The application's login has no right left, and works by tickets: what it changes is on record")
    func worksByTickets() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await share(site)
            for (schema, urlID) in zip(SiteWorld.schemas, ["tenant", "brien", "mixed"]) {
                #expect(try await site.adopt(schema, as: urlID, guarding: "all") == nil)
            }
            // An operator owns nothing, and inherits nothing.
            try await world.owner.query("ALTER TABLE public.countries OWNER TO CURRENT_USER")
            try await world.owner.query("ALTER ROLE \(site.site) NOINHERIT")
            #expect(try await world.owner.refusal("add_operator('\(site.site)', 'service')") == nil)
            #expect(try await site.failures().isEmpty)
            let application = try await world.connect(site.site)
            for (schema, urlID) in zip(SiteWorld.schemas, ["tenant", "brien", "mixed"]) {
                let home = Quoted.identifier(schema)
                let all = SiteWorld.tables.map(\.resource).joined(separator: ",")
                let ticket = try await application.ticket(urlID, all)
                #expect(await application.begin(using: ticket) == nil)
                for table in SiteWorld.tables {
                    #expect(try await application.count(table.name) == table.rows, "\(urlID): \(table.name)")
                }
                // Serial, identity, generated, partitioned, composite: as its own statements are.
                #expect(
                    try await application.number(
                        "INSERT INTO users (email, password_digest) VALUES ('n@x', 'hunter2') RETURNING id")
                        == 21
                )
                try await application.query("INSERT INTO audit (what) VALUES ('x')")
                try await application.query("INSERT INTO \"OrderLines\" VALUES (2, 1, 'de')")
                try await application.query("INSERT INTO events VALUES ('2026-06-06', 'y')")
                try await application.query("UPDATE users SET email = 'm@x' WHERE id = 21")
                try await application.query("DELETE FROM events WHERE what = 'y'")
                #expect(try await application.value("SELECT loud FROM users WHERE id = 21") == "m@x!")
                try await application.query("COMMIT")
                for table in SiteWorld.tables {
                    #expect(await application.sqlState("SELECT FROM \(home).\(table.name)") == "42501")
                    #expect(await application.sqlState("SELECT FROM \(table.name)") == "42P01")
                }
            }
            let records = try await world.owner.query(
                """
                SELECT e.action || ' ' || e.resource AS line, v.content FROM piste.entry e
                JOIN piste.company k ON k.id = e.company AND k.url_id = 'mixed'
                LEFT JOIN piste.entry_values v ON v.company = e.company AND v.entry = e.id
                WHERE e.actor = '\(site.site)' AND e.context IS NOT NULL AND e.action <> 'users.read' ORDER BY e.id
                """)
            #expect(
                try records.map { try $0.string("line") } == [
                    "users.insert users/21", "audit.insert audit/2",
                    "OrderLines.insert OrderLines/[\"2\", \"1\"]",
                    "events.insert events", "users.update users/21", "events.delete events",
                ])
            #expect(try !records[0].string("content").contains("hunter2"))
            // What is wrong is an error, and in no company.
            #expect(await application.begin(using: try await application.ticket("brien", "users")) == nil)
            #expect(await application.sqlState("DELETE FROM audit") == "PT403")
            try await application.query("ROLLBACK")
            #expect(await application.begin(using: try await application.ticket("brien", "users")) == nil)
            #expect(try await application.count("audit") == 0)
            #expect(try await application.missed == ["tables.audit: the ticket does not name tables.audit"])
            try await application.query("ROLLBACK")
            #expect(
                try await application.ticketRefusal("brien", "OrderLines,tables.token") == "tables_missing")
            #expect(
                await application.sqlState("SELECT * FROM piste.ticket('brien', 'a.b', 'journeys')")
                    == "PT400")
            #expect(
                try await application.ticketRefusal("acme") == nil, "a native company has tables of its own")
            // People read what their windows show, and write nothing.
            let (alice, _) = try await world.inImpersonation("tenant", as: world.alice)
            try await alice.query("SELECT piste.declare('rows.read', 'users')")
            #expect(try await alice.number("SELECT count(email) FROM users") == 21)
            #expect(await alice.sqlState("SELECT password_digest FROM users") == "42501")
            #expect(await alice.sqlState("UPDATE users SET email = 'x'") == "42501")
            await alice.close()
            await application.close()
        }
    }

    @Test("The planner keeps samples of the columns that the map names, and of no others")
    func hidesStatistics() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await share(site)
            try await world.owner.query("CREATE INDEX ON tenant_acme.users (lower(email))")
            func samples() async throws -> [String] {
                try await world.owner.query("ANALYZE")
                return try await world.owner.query(
                    """
                    SELECT c.relname || '.' || a.attname AS line FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid
                    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum
                    WHERE c.relnamespace = 'tenant_acme'::regnamespace ORDER BY 1
                    """
                ).map { try $0.string(0) }
            }
            let before = try await samples()
            #expect(before.contains("users.email") && before.contains("users_lower_idx.lower"))
            let map = #"{"tables": {"users": {"statistics": ["state"]}, "events": {"statistics": ["at"]}}}"#
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: map, guarding: "all") == nil)
            #expect(try await samples() == ["events.at", "events_2026.at", "users.state"])
            let evidence = try await world.owner.value(
                "SELECT evidence FROM piste.isolation_report('tenant') WHERE id = 'company.adopted' AND passed"
            )
            #expect(
                evidence.contains("guarded whole") && evidence.contains("samples of users.state"),
                "\(evidence)")
            // By another map these go as well.
            #expect(try await site.adopt("tenant_acme", as: "tenant") == nil)
            #expect(try await samples().isEmpty)
            let wrong = #"{"tables": {"users": {"statistics": ["nothing"]}}}"#
            #expect(
                try await site.adopt("tenant_acme", as: "tenant", map: wrong)?.hasPrefix("bad_map") == true)
            #expect(try await world.owner.refusal("release('tenant', 'tenant')") == nil)
            #expect(try await samples() == before)
        }
    }

    @Test("What a release could not give back, or the claim would not hold for, is refused in a sentence")
    func refuses() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            let owner = world.owner
            func attempt(_ words: String, by connection: Connection? = nil) async throws {
                let before = try await site.everything()
                do {
                    let refusal = try await site.adopt(
                        "tenant_acme", as: "tenant", guarding: "all", by: connection)
                    #expect(refusal?.contains(words) == true, "\(words): \(refusal ?? "adopted")")
                } catch let error as PostgresError {
                    #expect(error.message.contains(words), "\(words): \(error.message)")
                }
                #expect(try await site.everything() == before, "\(words)")
                #expect(try await owner.number("SELECT count(*) FROM piste.adoption_step") == 0)
            }
            try await attempt("piste share public.countries first")
            try await share(site)
            for (wrong, undo, words) in [
                (
                    "CREATE TABLE tenant_acme.a (n int DEFAULT nextval('tenant_acme.users_id_seq'))",
                    "DROP TABLE tenant_acme.a", "in a way that no identity can"
                ),
                (
                    "CREATE STATISTICS tenant_acme.s ON id, email FROM tenant_acme.users",
                    "DROP STATISTICS tenant_acme.s", "extended statistics s"
                ),
                (
                    "CREATE RULE r AS ON DELETE TO tenant_acme.users DO INSTEAD NOTHING",
                    "DROP RULE r ON tenant_acme.users", "rule r on tenant_acme.users"
                ),
                (
                    "CREATE TABLE public.visits (id int REFERENCES tenant_acme.users)",
                    "DROP TABLE public.visits",
                    "leads into the schema"
                ),
                (
                    "CREATE VIEW public.peek AS SELECT * FROM tenant_acme.users", "DROP VIEW public.peek",
                    "public.peek, outside, reads tenant_acme.users"
                ),
                (
                    """
                    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    ALTER FUNCTION public.touch() OWNER TO \(site.site);
                    CREATE TRIGGER t BEFORE UPDATE ON tenant_acme.users FOR EACH ROW EXECUTE FUNCTION public.touch()
                    """, "DROP FUNCTION public.touch() CASCADE",
                    "calls public.touch(), which belongs to \(site.site)"
                ),
                (
                    """
                    CREATE FUNCTION tenant_acme.own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER shut BEFORE UPDATE ON tenant_acme.users FOR EACH ROW EXECUTE FUNCTION tenant_acme.own()
                    """, "DROP FUNCTION tenant_acme.own() CASCADE",
                    "the trigger shut of tenant_acme.users has a name"
                ),
            ] {
                try await owner.run(script: wrong)
                try await attempt(words)
                try await owner.query(undo)
            }
            let admin = try await world.connect(world.bob)
            try await attempt("for superusers", by: admin)
            // The control.
            #expect(try await site.adopt("tenant_acme", as: "tenant", guarding: "all") == nil)
            #expect(try await admin.refusal("release('tenant', 'tenant')") == "not_allowed")
            #expect(
                await owner.sqlState(
                    "SELECT * FROM piste.adopt('tenant_acme', 'tenant', 'T', degree => 'half')") == "PT400")
            await admin.close()
        }
    }

    @Test("Whatever is taken from a guarded schema's gate is found")
    func findsTampering() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await share(site)
            let before = try await site.everything()
            #expect(try await site.adopt("tenant_acme", as: "tenant", guarding: "all") == nil)
            #expect(try await site.failures().isEmpty)
            for (tamper, words) in [
                (
                    "ALTER TABLE tenant_acme.users DISABLE ROW LEVEL SECURITY",
                    "the gate of table tenant_acme.users"
                ),
                ("DROP TRIGGER shut ON tenant_acme.events_2026", "the gate of table tenant_acme.events_2026"),
                ("CREATE POLICY p ON tenant_acme.audit USING (true)", "the gate of table tenant_acme.audit"),
                (
                    "ALTER TABLE tenant_acme.nokey OWNER TO \(site.site)",
                    "tenant_acme.nokey belongs to \(site.site)"
                ),
                ("GRANT SELECT ON tenant_acme.token TO PUBLIC", "SELECT on table token is granted to PUBLIC"),
                (
                    "GRANT USAGE ON SCHEMA tenant_acme TO \(site.site)",
                    "USAGE on the schema tenant_acme is granted to"
                ),
                ("ALTER FUNCTION tenant_acme.f() SECURITY DEFINER", "has its owner's rights"),
                (
                    "ALTER TABLE tenant_acme.users ALTER email SET STATISTICS 10",
                    "samples of tenant_acme.users.email"
                ),
            ] {
                try await world.owner.query(tamper)
                let found = try await site.failures()
                #expect(found.contains { $0.contains(words) }, "\(tamper): \(found)")
                // Guarded again, it is whole.
                #expect(try await site.adopt("tenant_acme", as: "tenant") == nil, "\(tamper)")
                #expect(try await site.failures().isEmpty, "\(tamper)")
            }
            #expect(try await world.owner.refusal("release('tenant', 'tenant')") == nil)
            #expect(try await site.everything() == before)
        }
    }
}
