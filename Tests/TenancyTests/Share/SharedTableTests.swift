import Postgres
import TestSupport
import Testing

/// Reference tables: read by whoever is inside, written by nobody, and known to the proof.
struct SharedTableTests {
    private static let plans = """
        CREATE TABLE public.plans (id int PRIMARY KEY, name text);
        INSERT INTO public.plans VALUES (1, 'free'), (2, 'paid');
        """

    @Test(
        "A shared table is read inside under its own name, and by nobody outside", arguments: TestServers.all)
    func isReadInside(on server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            try await world.owner.run(script: Self.plans)
            let (before, _) = try await world.inside("acme", as: world.alice)
            #expect(await before.sqlState("SELECT FROM plans") == "42P01")
            await before.close()
            #expect(try await world.owner.refusal("share_table('plans')") == nil)
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            #expect(try await alice.count("plans") == 2)
            for statement in [
                "INSERT INTO plans VALUES (3, 'x')", "UPDATE plans SET name = 'x'", "DELETE FROM plans",
                "DROP VIEW plans", "SELECT FROM public.plans",
            ] {
                #expect(await alice.sqlState(statement) == "42501", "\(statement)")
            }
            try await alice.query("SELECT piste.leave()")
            #expect(await alice.sqlState("SELECT FROM piste_shared.plans") == "42501")
            #expect(await alice.sqlState("SELECT FROM public.plans") == "42501")
            let till = try await world.connect(world.till)
            let ticket = try await till.value(
                "SELECT ticket FROM piste.ticket('globex', 'users.read', 'users')")
            try await till.query("BEGIN")
            try await till.query("SELECT piste.use($1)", [.text(ticket)])
            #expect(try await till.count("plans") == 2)
            try await till.query("COMMIT")
            let report = try await world.owner.query(
                "SELECT * FROM piste.isolation_report() WHERE id = 'surroundings.shared'")
            #expect(try report[0].bool("passed") && report[0].string("evidence").contains("public.plans"))
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'")
                    == 0)
            for connection in [alice, till] { await connection.close() }
        }
    }

    @Test("What is shared is shared by its owner's leave, and taken back whole")
    func isTakenBack() async throws {
        try await EngineWorld.run { world in
            try await world.owner.run(script: Self.plans)
            let privileges =
                "SELECT coalesce(relacl::text, '') FROM pg_class WHERE oid = 'public.plans'::regclass"
            let admin = try await world.connect(world.bob)
            #expect(await admin.sqlState("SELECT * FROM piste.share_table('plans')") == "PT426")
            #expect(try await world.owner.value(privileges).isEmpty)
            let alice = try await world.connect(world.alice)
            #expect(try await alice.refusal("share_table('plans')") == "not_allowed")
            for (table, code) in [
                ("nothing", "unknown_table"), ("a.b.c", "unknown_table"), ("piste.company", "not_shareable"),
                ("\(world.acme).users", "not_shareable"), ("pg_catalog.pg_authid", "not_shareable"),
            ] {
                #expect(try await world.owner.refusal("share_table('\(table)')") == code, "\(table)")
            }
            #expect(try await world.owner.refusal("share_table('public.plans')") == nil)
            #expect(try await world.owner.number("SELECT count(*) FROM piste.shared_tables()") == 1)
            #expect(await admin.sqlState("SELECT * FROM piste.stop_sharing('plans')") == "PT426")
            #expect(try await world.owner.refusal("stop_sharing('plans')") == nil)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_class WHERE relnamespace = 'piste_shared'::regnamespace") == 0)
            #expect(try await !world.owner.value(privileges).contains("piste_owner"))
            for connection in [admin, alice] { await connection.close() }
        }
    }

    @Test("A window of a shared table that somebody changed, or opened for writing, is found")
    func findsTampering() async throws {
        try await EngineWorld.run { world in
            try await world.owner.run(script: Self.plans)
            #expect(try await world.owner.refusal("share_table('plans')") == nil)
            try await world.owner.query(
                "CREATE OR REPLACE VIEW piste_shared.plans AS SELECT id, upper(name) AS name FROM public.plans"
            )
            try await world.owner.query("GRANT INSERT ON piste_shared.plans TO piste_operators")
            let evidence = try await world.owner.value(
                "SELECT evidence FROM piste.isolation_report() WHERE id = 'surroundings.shared' AND NOT passed"
            )
            #expect(evidence.contains("plans in piste_shared is no shared table's window"), "\(evidence)")
            #expect(
                evidence.contains("INSERT on the shared plans is granted to piste_operators"), "\(evidence)")
        }
    }

    @Test("A company's foreign key may lead to a shared table, without a cascade")
    func takesForeignKeys() async throws {
        try await EngineWorld.run { world in
            try await world.owner.run(script: Self.plans)
            let key = "ALTER TABLE {schema}.users ADD COLUMN plan int REFERENCES public.plans"
            func register(_ name: String, _ sql: String) async -> String? {
                await world.owner.sqlState(
                    "SELECT piste.register_blueprint($1, NULL, NULL, $2)",
                    [.text("owner " + name), .text(sql)])
            }
            #expect(await register("unshared", key) != nil)
            #expect(try await world.owner.refusal("share_table('plans')") == nil)
            #expect(await register("cascade", key + " ON DELETE CASCADE") != nil)
            #expect(await register("plain", key) == nil)
            for company in ["acme", "globex"] {
                #expect(
                    try await world.owner.value("SELECT state FROM piste.migrate_company('\(company)')")
                        == "done")
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'")
                    == 0)
            #expect(try await world.owner.refusal("stop_sharing('plans')") == "share_in_use")
        }
    }
}
