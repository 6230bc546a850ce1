import Postgres
import Tenancy
import TestSupport
import Testing

/// Schemas that were there before: seen through windows behind the gate, by nobody else, with nothing of them changed.
struct AdoptionTests {
    @Test(
        "Every table of an adopted schema is read inside after a declaration, and by no other way",
        arguments: TestServers.all)
    func isReadThroughWindows(on server: TestServer) async throws {
        try await SiteWorld.run(on: server) { site in
            let world = site.world
            for (schema, urlID) in zip(SiteWorld.schemas, ["tenant", "brien", "mixed"]) {
                #expect(try await site.adopt(schema, as: urlID) == nil)
            }
            #expect(try await site.failures().isEmpty)
            let stranger = try await world.connect(world.carol)
            for (schema, urlID) in zip(SiteWorld.schemas, ["tenant", "brien", "mixed"]) {
                let home = Quoted.identifier(schema)
                let (alice, _) = try await world.inside(urlID, as: world.alice)
                for table in SiteWorld.tables {
                    #expect(
                        try await alice.count(table.name) == 0,
                        "\(urlID): \(table.name) before its declaration")
                    try await alice.query("SELECT piste.declare('rows.read', $1)", [.text(table.resource)])
                    #expect(try await alice.count(table.name) == table.rows, "\(urlID): \(table.name)")
                    #expect(await alice.sqlState("SELECT FROM \(home).\(table.name)") == "42501")
                    #expect(await stranger.sqlState("SELECT FROM \(home).\(table.name)") == "42501")
                }
                await alice.close()
            }
            await stranger.close()
        }
    }

    @Test("The resource audit is the trail, whatever a tenant has of that name")
    func auditIsTheTrail() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await site.adopt("tenant_acme", as: "tenant")
            let (alice, _) = try await world.inside("tenant", as: world.alice)
            try await alice.query("SELECT piste.declare('audit.read', 'audit')")
            #expect(try await alice.count("audit") == 0)
            try await alice.query("SELECT piste.declare('rows.read', 'tables.audit')")
            #expect(try await alice.count("audit") == 1)
            #expect(await alice.sqlState("SELECT piste.declare('rows.read', 'journeys')") == "PT400")
            await alice.close()
        }
    }

    @Test(
        "Secrets are redacted by their names, unless the map says otherwise; nobody writes through a window")
    func redactsAndOnlyReads() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await site.adopt("tenant_acme", as: "tenant")
            try await site.adopt(
                "tenant_o_brien", as: "brien",
                map: #"{"tables": {"users": {"redact": ["email"]}, "audit": {"hide": true}}}"#)
            let (alice, _) = try await world.inImpersonation("tenant", as: world.alice)
            try await alice.query("SELECT piste.declare('rows.read', 'users,tables.token')")
            #expect(await alice.sqlState("SELECT password_digest FROM users") == "42501")
            #expect(await alice.sqlState("SELECT key FROM token") == "42501")
            #expect(try await alice.number("SELECT count(email) FROM users") == 20)
            for statement in [
                "UPDATE users SET email = 'x'", "DELETE FROM users", "INSERT INTO users (email) VALUES ('x')",
                "SELECT FROM users FOR UPDATE",
            ] {
                #expect(await alice.sqlState(statement) == "42501", "\(statement)")
            }
            await alice.close()
            let (other, _) = try await world.inImpersonation("brien", as: world.alice)
            try await other.query("SELECT piste.declare('rows.read', 'users')")
            #expect(await other.sqlState("SELECT email FROM users") == "42501")
            #expect(try await other.number("SELECT count(password_digest) FROM users") == 20)
            #expect(await other.sqlState("SELECT FROM audit") == "42P01")
            #expect(await other.sqlState("SELECT piste.declare('rows.read', 'tables.audit')") == "PT400")
            await other.close()
        }
    }

    @Test(
        "The application goes on: it writes and adds columns and tables, and its changes are recorded where that is wanted"
    )
    func leavesTheApplicationAlone() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await site.adopt("tenant_acme", as: "tenant", map: #"{"record": true}"#)
            let application = try await world.connect(site.site)
            try await application.query(
                "INSERT INTO tenant_acme.users (email, password_digest) VALUES ('new@x.example', 'hunter2')")
            try await application.query("ALTER TABLE tenant_acme.users ADD COLUMN phone text")
            try await application.query("CREATE TABLE tenant_acme.later (id int PRIMARY KEY)")
            #expect(try await site.failures().isEmpty)
            let change = try await world.owner.query(
                """
                SELECT e.actor, v.content FROM piste.entry e JOIN piste.company k ON k.id = e.company AND k.url_id = 'tenant'
                JOIN piste.entry_values v ON v.company = e.company AND v.entry = e.id WHERE e.action = 'users.insert'
                """)
            #expect(try change[0].string("actor") == site.site)
            #expect(try change[0].string("content").contains("new@x.example"))
            #expect(try !change[0].string("content").contains("hunter2"))
            // A column that a window shows stays, until the windows are taken down.
            #expect(await application.sqlState("ALTER TABLE tenant_acme.users DROP COLUMN tags") == "2BP01")
            #expect(try await world.owner.number("SELECT piste.take_windows_down('tenant')") == 11)
            try await application.query("ALTER TABLE tenant_acme.users DROP COLUMN tags")
            let did = try await world.owner.value(
                "SELECT did FROM piste.adopt('tenant_acme', 'tenant', 'Tenant', map => '{\"record\": true}')")
            #expect(did == "renewed")
            let (alice, _) = try await world.inside("tenant", as: world.alice)
            try await alice.query("SELECT piste.declare('rows.read', 'users,later')")
            #expect(try await alice.number("SELECT count(*) FROM users WHERE phone IS NULL") == 21)
            #expect(try await alice.count("later") == 0)
            await alice.close()
            await application.close()
        }
    }

    @Test("A release gives back every owner, privilege, policy and trigger", arguments: TestServers.all)
    func isReleased(on server: TestServer) async throws {
        try await SiteWorld.run(on: server) { site in
            let world = site.world
            let before = try await site.everything()
            for (number, schema) in SiteWorld.schemas.enumerated() {
                #expect(
                    try await site.adopt(schema, as: "tenant-\(number)", map: #"{"record": \#(number == 0)}"#)
                        == nil)
            }
            #expect(try await site.everything() != before)
            let (alice, _) = try await world.inside("tenant-1", as: world.alice)
            for number in SiteWorld.schemas.indices {
                let refused = try await world.owner.query(
                    "SELECT refusal FROM piste.release('tenant-\(number)', 'acme')")
                #expect(try refused[0].string(0).hasPrefix("not_confirmed"))
                let row = try await world.owner.query(
                    "SELECT * FROM piste.release('tenant-\(number)', 'tenant-\(number)')")[0]
                #expect(try row.isNull("refusal") && row.int("audit_entries") > 0)
            }
            #expect(try await site.everything() == before)
            #expect(try await world.owner.number("SELECT count(*) FROM piste.adoption_step") == 0)
            #expect(try await site.failures().isEmpty)
            #expect(await alice.sqlState("SELECT FROM users") != nil)
            await alice.close()
        }
    }

    @Test("What cannot be adopted is refused in a sentence, and nothing is changed")
    func refuses() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            let before = try await site.everything()
            let none = #"{"tables": {"users": {"redact": ["nothing"]}}}"#
            for (schema, urlID, map, code) in [
                ("nowhere", "nowhere", "{}", "bad_schema"), ("public", "all", "{}", "bad_schema"),
                ("piste", "engine", "{}", "bad_schema"), (world.acme, "own", "{}", "bad_schema"),
                ("tenant_acme", "Tenant", "{}", "bad_url_id"),
                ("tenant_acme", "acme", "{}", "company_exists"),
                ("tenant_acme", "tenant", none, "bad_map"),
                ("tenant_acme", "tenant", #"{"x": 1}"#, "bad_map"),
                ("tenant_acme", "tenant", #"{"users": {"table": "people"}}"#, "bad_map"),
                ("tenant_acme", "tenant", #"{"users": {"table": "users", "email": "mail"}}"#, "bad_map"),
                ("tenant_acme", "tenant", #"{"tables": {"users": {"redact": "email"}}}"#, "bad_map"),
            ] {
                let refusal = try await site.adopt(schema, as: urlID, map: map)
                #expect(
                    refusal?.hasPrefix(code + ":") == true,
                    "\(schema) \(urlID) \(map): \(refusal ?? "adopted")")
            }
            let alice = try await world.connect(world.alice)
            #expect(
                try await site.adopt("tenant_acme", as: "tenant", by: alice)?.hasPrefix("not_allowed") == true
            )
            let admin = try await world.connect(world.bob)
            #expect(
                await admin.sqlState("SELECT * FROM piste.adopt('tenant_acme', 'tenant', 'Tenant')")
                    == "PT426",
                "an admin has no right on the application's tables")
            try await world.owner.query("GRANT USAGE ON SCHEMA tenant_acme TO PUBLIC")
            try await world.owner.query("GRANT SELECT ON tenant_acme.audit TO PUBLIC")
            #expect(try await site.adopt("tenant_acme", as: "tenant")?.hasPrefix("open_to_operators") == true)
            try await world.owner.query("REVOKE USAGE ON SCHEMA tenant_acme FROM PUBLIC")
            try await world.owner.query("REVOKE SELECT ON tenant_acme.audit FROM PUBLIC")
            let busy = try await world.connect(site.site)
            try await busy.query("BEGIN")
            try await busy.query("LOCK TABLE tenant_acme.users IN ACCESS EXCLUSIVE MODE")
            try await world.owner.query("SET lock_timeout = '200ms'")
            #expect(
                await world.owner.sqlState("SELECT * FROM piste.adopt('tenant_acme', 'tenant', 'Tenant')")
                    == "55P03")
            try await busy.query("ROLLBACK")
            #expect(try await site.everything() == before)
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.company WHERE adopted IS NOT NULL")
                    == 0)
            // The control: what the owner of the tables grants, the admin may use.
            try await world.owner.query("GRANT USAGE ON SCHEMA tenant_acme TO piste_owner")
            try await world.owner.query("GRANT SELECT ON ALL TABLES IN SCHEMA tenant_acme TO piste_owner")
            let map = #"{"tables": {"guarded": {"hide": true}}}"#
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: map, by: admin) == nil)
            #expect(try await site.adopt("tenant_o_brien", as: "tenant")?.hasPrefix("company_exists") == true)
            #expect(try await site.adopt("tenant_acme", as: "other")?.hasPrefix("schema_taken") == true)
            for connection in [alice, admin, busy] { await connection.close() }
        }
    }

    @Test("An adopted company is neither deleted, exported, migrated nor used by tickets")
    func staysTheApplications() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await site.adopt("tenant_acme", as: "tenant")
            let admin = try await world.connect(world.bob)
            #expect(try await admin.refusal("delete_company('tenant', 'tenant')") == "company_adopted")
            #expect(try await admin.refusal("migrate_company('tenant')") == "company_adopted")
            #expect(try await admin.refusal("release('acme', 'acme')") == "not_adopted")
            let till = try await world.connect(world.till)
            #expect(try await till.refusal("ticket('tenant', 'users.read', 'users')") == "company_adopted")
            #expect(try await till.refusal("ticket('acme', 'users.read', 'users')") == nil)
            let inside = try await world.inside("tenant", as: world.bob).connection
            #expect(try await inside.refusal("export_company('jsonl')") == "company_adopted")
            for connection in [admin, till, inside] { await connection.close() }
        }
    }

    @Test("Schemas that are not adopted are notes of the proof, observed ones by their companies' names")
    func observes() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            let before = try await site.everything()
            let admin = try await world.connect(world.bob)
            #expect(try await admin.refusal("observe_schema('tenant_acme', 'tenant', 'Tenant')") == nil)
            #expect(
                try await admin.refusal("observe_schema('tenant_o_brien', 'tenant', 'Tenant')")
                    == "company_exists")
            let rows = try await world.owner.query(
                "SELECT * FROM piste.isolation_report() WHERE id = 'schemas.all'")
            let evidence = try rows[0].string("evidence")
            #expect(try rows[0].bool("passed"))
            #expect(
                evidence.contains("tenant_acme is out of reach and not under Piste (observed as tenant)"),
                "\(evidence)")
            #expect(evidence.contains("\(site.site) may read today"), "\(evidence)")
            #expect(evidence.contains("tenant_o_brien is out of reach and not under Piste: "), "\(evidence)")
            #expect(try await site.everything() == before)
            #expect(try await admin.refusal("release('tenant', 'tenant')") == nil)
            #expect(try await world.owner.number("SELECT count(*) FROM piste.observed_schema") == 0)
            await admin.close()
        }
    }

    @Test("A window of an adopted table that somebody changed is found")
    func findsTampering() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await site.adopt("tenant_acme", as: "tenant")
            #expect(try await site.failures().isEmpty)
            let pane = try await world.owner.value(
                "SELECT window_name FROM piste.company WHERE url_id = 'tenant'")
            try await world.owner.query(
                "CREATE OR REPLACE VIEW \(pane).audit AS SELECT id, what FROM tenant_acme.audit")
            #expect(
                try await site.failures().contains { $0.contains("window audit is not the one of its table") }
            )
            let evidence = "has policies of its owner's that run for whoever reads its window"
            try await world.owner.query("ALTER TABLE tenant_acme.\"it's\" ENABLE ROW LEVEL SECURITY")
            #expect(try await site.failures().contains { $0.contains("it's \(evidence)") })
            // Adopted again, it has both its windows and the policy beside.
            #expect(try await site.adopt("tenant_acme", as: "tenant") == nil)
            #expect(try await site.failures().isEmpty)
            try await world.owner.query("CREATE POLICY spy ON tenant_acme.audit AS RESTRICTIVE USING (true)")
            try await world.owner.query("ALTER TABLE tenant_acme.audit ENABLE ROW LEVEL SECURITY")
            #expect(try await site.failures().contains { $0.contains("audit \(evidence)") })
        }
    }
}
