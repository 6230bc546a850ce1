import Postgres
import Tenancy
import TestSupport
import Testing

/// What whoever impersonates may change in an adopted company: the columns that its map names, through the window, on record.
struct AgentChangeTests {
    private static let map = #"{"tables": {"users": {"change": ["state", "tags"]}}}"#

    @Test(
        "An agent changes the columns that the map names, and nobody changes any other",
        arguments: TestServers.all, ["people", "all"])
    func changes(on server: TestServer, guarding degree: String) async throws {
        try await SiteWorld.run(on: server) { site in
            let world = site.world
            try await world.owner.query("SELECT * FROM piste.share_table('public.countries')")
            let before = try await site.everything()
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: Self.map, guarding: degree) == nil)
            #expect(try await site.failures().isEmpty)
            let evidence = try await world.owner.value(
                "SELECT evidence FROM piste.isolation_report('tenant') WHERE id = 'company.adopted' AND passed"
            )
            #expect(evidence.contains("agents may change state, tags of users"), "\(evidence)")

            let (alice, _) = try await world.inImpersonation("tenant", as: world.alice)
            let change = "UPDATE users SET state = 'paid', tags = '{a}' WHERE id = 7"
            #expect(await alice.sqlState(change) == "PT403", "before its declaration")
            try await alice.query("SELECT piste.declare('rows.read', 'users')")
            #expect(try await alice.query(change + " RETURNING id").count == 1)
            for statement in [
                "UPDATE users SET email = 'x' WHERE id = 7", "UPDATE users SET id = 70 WHERE id = 7",
                "UPDATE users SET state = 'open', password_digest = 'x'", "DELETE FROM users WHERE id = 7",
                "INSERT INTO users (email) VALUES ('x')", "UPDATE audit SET what = 'x'",
                "UPDATE tenant_acme.users SET state = 'open'",
            ] {
                try await alice.query("SELECT piste.declare('rows.read', 'users,tables.audit')")
                #expect(await alice.sqlState(statement) == "42501", "\(statement)")
            }
            try await alice.query("SELECT piste.declare('rows.read', 'tables.audit')")
            #expect(await alice.sqlState(change) == "PT403", "not declared")
            // Too late is an error, and no change of nothing.
            try await alice.query("SELECT piste.declare('rows.read', 'users')")
            try await world.owner.query(
                "UPDATE piste.declaration SET declared_at = declared_at - interval '11 s'")
            #expect(await alice.sqlState(change) == "PT410")
            await alice.close()

            // Whoever only reads changes nothing: a plain context, and a viewer, who impersonates nobody.
            let (reader, _) = try await world.inside("tenant", as: world.alice)
            try await reader.query("SELECT piste.declare('rows.read', 'users')")
            #expect(await reader.sqlState(change) == "42501")
            await reader.close()
            let (viewer, _) = try await world.inside("tenant", as: world.carol)
            try await viewer.query("SELECT piste.declare('rows.read', 'users')")
            #expect(await viewer.sqlState(change) == "42501")
            await viewer.close()
            let refused = try await world.connect(world.carol)
            #expect(try await refused.refusal("impersonate_company('tenant', 'why not')") == "not_allowed")
            await refused.close()

            let record = try await world.owner.query(
                """
                SELECT e.actor, e.resource, e.context IS NOT NULL AS in_context, v.content FROM piste.entry e
                JOIN piste.company k ON k.id = e.company AND k.url_id = 'tenant'
                JOIN piste.entry_values v ON v.company = e.company AND v.entry = e.id WHERE e.action = 'users.update'
                """)
            #expect(record.count == 1)
            #expect(try record[0].string("actor") == world.alice && record[0].string("resource") == "users/7")
            #expect(try record[0].bool("in_context") && record[0].string("content").contains("paid"))
            #expect(try await world.owner.value("SELECT state FROM tenant_acme.users WHERE id = 7") == "paid")
            #expect(try await world.owner.refusal("release('tenant', 'tenant')") == nil)
            #expect(try await site.everything() == before)
        }
    }

    @Test(
        "Guarded from people, the application changes what it likes, and only agents' changes are on record")
    func leavesTheApplicationAlone() async throws {
        try await SiteWorld.run { site in
            let world = site.world
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: Self.map) == nil)
            let application = try await world.connect(site.site)
            try await application.query("UPDATE tenant_acme.users SET state = 'paid', email = email")
            try await application.query("DELETE FROM tenant_acme.users WHERE id = 20")
            let changes =
                "SELECT count(*) FROM piste.entry e JOIN piste.company k ON k.id = e.company AND k.url_id = 'tenant' WHERE e.action LIKE 'users.%'"
            #expect(try await world.owner.number(changes) == 0)
            // Recorded as well when the map asks for it, and no more when it is released.
            let recording = #"{"record": true, "tables": {"users": {"change": ["state"]}}}"#
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: recording) == nil)
            try await application.query("UPDATE tenant_acme.users SET state = 'open' WHERE id = 1")
            #expect(try await world.owner.number(changes) == 1)
            let (alice, _) = try await world.inImpersonation("tenant", as: world.alice)
            try await alice.query("SELECT piste.declare('rows.read', 'users')")
            #expect(await alice.sqlState("UPDATE users SET tags = '{}' WHERE id = 1") == "42501")
            #expect(
                try await alice.query("UPDATE users SET state = 'paid' WHERE id = 1 RETURNING id").count == 1)
            #expect(try await world.owner.number(changes) == 2)
            #expect(try await site.failures().isEmpty)
            await alice.close()
            // What its owner hangs on such a table runs for agents: the proof names it.
            try await application.run(
                script: """
                    CREATE FUNCTION tenant_acme.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER spy BEFORE UPDATE ON tenant_acme.users FOR EACH ROW EXECUTE FUNCTION tenant_acme.spy();
                    """)
            #expect(try await site.failures().contains { $0.contains("calls tenant_acme.spy()") })
            try await application.query("DROP TRIGGER spy ON tenant_acme.users")
            try await application.query("DROP TRIGGER shut ON tenant_acme.users")
            #expect(try await site.failures().contains { $0.contains("piste adopt puts them back") })
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: recording) == nil)
            #expect(try await site.failures().isEmpty)
            await application.close()
        }
    }

    @Test(
        "The library changes one value of a row, as long as it is what was read",
        arguments: ["people", "all"])
    func libraryChanges(guarding degree: String) async throws {
        try await SiteWorld.run { site in
            let world = site.world
            try await world.owner.query("SELECT * FROM piste.share_table('public.countries')")
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: Self.map, guarding: degree) == nil)
            let client = try await world.client(world.alice)
            let session = try await client.enter(
                try await client.impersonateCompany("tenant", reason: "they asked"))
            let users = try await session.table("users")
            #expect(users.columns.filter(\.mayUpdate).map(\.name) == ["state", "tags"])
            #expect(!users.mayInsert && !users.mayDelete)
            try await session.setValue("paid", of: "state", in: users, key: ["7"], was: "open")
            #expect(try await session.row(of: users, key: ["7"])?.values[2].text == "paid")
            try await session.setValue(nil, of: "state", in: users, key: ["7"], was: "paid")
            for (column, value, was, code) in [
                ("state", "paid", "open", TenancyError.Code.failed),
                ("email", "x", "u7@x.example", .notAllowed),
                ("state", "nonsense", nil, .failed), ("password_digest", "x", nil, .invalid),
            ] as [(String, String, String?, TenancyError.Code)] {
                let refused = await failure { () throws(TenancyError) in
                    try await session.setValue(value, of: column, in: users, key: ["7"], was: was)
                }
                #expect(refused?.code == code, "\(column): \(String(describing: refused))")
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM tenant_acme.users WHERE state IS NULL AND id = 7") == 1)
            await session.leave()
            await client.close()
        }
    }

    @Test("What nobody could change safely is refused in a sentence, and nothing is changed")
    func refuses() async throws {
        try await SiteWorld.run { site in
            let before = try await site.everything()
            for (map, words) in [
                (#"{"tables": {"users": {"change": ["nothing"]}}}"#, "has no column nothing to change"),
                (
                    #"{"tables": {"users": {"change": ["password_digest"]}}}"#,
                    "what is redacted nobody changes"
                ),
                (#"{"tables": {"users": {"change": ["loud"]}}}"#, "PostgreSQL fills loud"),
                (#"{"tables": {"audit": {"change": ["id"]}}}"#, "PostgreSQL fills id"),
                (#"{"tables": {"figures": {"change": ["n"]}}}"#, "no table whose rows"),
                (#"{"tables": {"users": {"change": "state"}}}"#, "change = ["),
                (#"{"tables": {"guarded": {"change": ["owner"]}}}"#, "has policies of its own"),
                (#"{"users": {"table": "users", "emial": "email"}}"#, "users.emial means nothing"),
            ] {
                let refusal = try await site.adopt("tenant_acme", as: "tenant", map: map)
                #expect(refusal?.contains(words) == true, "\(map): \(refusal ?? "adopted")")
            }
            try await site.world.owner.run(
                script: """
                    SET ROLE \(site.site);
                    CREATE FUNCTION tenant_acme.own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                    CREATE TRIGGER shut BEFORE UPDATE ON tenant_acme.users FOR EACH ROW EXECUTE FUNCTION tenant_acme.own();
                    RESET ROLE;
                    """)
            let refusal = try await site.adopt("tenant_acme", as: "tenant", map: Self.map)
            #expect(refusal?.contains("the trigger shut of tenant_acme.users has a name") == true)
            try await site.world.owner.query("ALTER TRIGGER shut ON tenant_acme.users RENAME TO mine")
            let owned = try await site.adopt("tenant_acme", as: "tenant", map: Self.map)
            #expect(owned?.contains("calls tenant_acme.own(), which belongs to") == true)
            try await site.world.owner.query("DROP FUNCTION tenant_acme.own() CASCADE")
            try await site.world.owner.run(
                script: """
                    ALTER TABLE tenant_acme.users ADD UNIQUE (email);
                    CREATE TABLE tenant_acme.mails (email text REFERENCES tenant_acme.users (email) ON UPDATE CASCADE);
                    """)
            let followed = try await site.adopt(
                "tenant_acme", as: "tenant", map: #"{"tables": {"users": {"change": ["email"]}}}"#)
            #expect(followed?.contains("changes rows there when email changes") == true)
            try await site.world.owner.query("DROP TABLE tenant_acme.mails")
            try await site.world.owner.query("ALTER TABLE tenant_acme.users DROP CONSTRAINT users_email_key")
            #expect(try await site.everything() == before)
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: Self.map) == nil)
        }
    }
}
