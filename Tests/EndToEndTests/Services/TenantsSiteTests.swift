import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// A real site of django-tenants, from PyPI, with ten tenants: it moves in, goes on unchanged, is migrated by its own tool, and
/// moves out as it came.
struct TenantsSiteTests {
    static let environment = Task {
        await PythonEnvironment.with(
            ["Django==4.2.16", "django-tenants==3.6.1", "psycopg2-binary==2.9.9"],
            importing: "django_tenants, psycopg2")
    }

    @Test func goesOnUnchangedUnderPiste() async throws {
        guard let python = await Self.environment.value.path else { return }
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let made = try await TenantsSite.make(in: folder.path + "/site", python, world)
            var tenants = try #require(made)
            let (site, login) = (tenants.folder, tenants.login)
            /// The tenants' tables with their owners and privileges, as PostgreSQL has them.
            func structure() async throws -> String? {
                try await world.value(
                    """
                    SELECT string_agg(concat_ws(' ', c.oid::regclass, c.relkind, c.relowner::regrole, c.relrowsecurity,
                        piste.privileges_text(c.relacl, 'r', c.relowner), piste.privileges_text(n.nspacl, 'n', n.nspowner)), E'\\n'
                        ORDER BY c.oid::regclass::text)
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname ~ '^(tenant|o_brien)' AND c.relname <> 'shop_refund' AND c.relname !~ '^shop_refund_'
                    """)
            }
            // What a database without Piste allows everybody is what its report names; of the site nothing is said but notes.
            try await world.owner.query("REVOKE CREATE ON DATABASE \(world.database.name) FROM \(login)")
            let before = try await structure()

            let owner = RunningCluster.superuser
            let adopt = [
                "adopt", "--tenants",
                "SELECT schema_name AS schema, schema_name AS url_id, name FROM clients_client WHERE schema_name <> 'public'",
                "--format", "json",
            ]
            let address = ["PISTE_DATABASE_URL": world.url(owner)]
            let observed = try await Piste.run(adopt + ["--observe"], environment: address)
            #expect(observed.status == 0 && observed.narration.contains(login), "\(observed)")
            #expect(try await structure() == before)
            let adopted = try await Piste.run(adopt, environment: address)
            #expect(adopted.status == 0, "\(adopted)")
            #expect(try adopted.objects().filter { $0["state"] as? String == "adopted" }.count == 10)
            #expect(try await tenants.use() == "3")

            let users = try await world.piste(
                "rows", "o-brien", "auth_user", "--format", "json", as: world.alice)
            #expect(
                users.output.contains("root@o_brien.example") && !users.output.contains("pbkdf2"), "\(users)")
            let sessions = try await world.piste(
                "rows", "o-brien", "django_session", "--format", "json", as: world.alice)
            #expect(try sessions.objects().count == 2, "\(sessions)")
            #expect(
                try sessions.objects().allSatisfy { $0["session_key"] == nil && $0["session_data"] == nil })
            let failing =
                "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
            #expect(try await world.value(failing) == nil)

            tenants.variables["SHOP_VERSION"] = "2"
            _ = try await tenants.runs("-m", "django", "makemigrations", "shop")
            let migrate =
                tenants.variables.map { "export \($0.key)='\($0.value)';" }
                + ["'\(python)'", "-m", "django", "migrate_schemas"]
            let migrated = try await Piste.run(
                adopt + ["--around", migrate.joined(separator: " ")], environment: address)
            #expect(migrated.status == 0, "\(migrated)")
            #expect(try migrated.objects().allSatisfy { $0["state"] as? String == "renewed" }, "\(migrated)")
            #expect(try await tenants.use() == "4")
            let refunds = try await world.piste("rows", "tenant7", "shop_refund", as: world.alice)
            #expect(refunds.status == 0, "\(refunds)")

            try await guardedWhole(adopt, address, login, python, site, tenants.variables, world)
            let lowered = try await Piste.run(adopt + ["--guard", "people"], environment: address)
            #expect(lowered.status == 0, "\(lowered)")

            for number in 1...10 {
                let company = number == 1 ? "o-brien" : "tenant\(number)"
                let released = try await Piste.run(
                    ["release", company, "--without-trail", "--confirm", company], environment: address)
                #expect(released.status == 0, "\(released)")
            }
            #expect(try await structure() == before)
            // Two of them have what they were given by tickets as well.
            #expect(try await tenants.use().split(separator: " ").contains("5"))
        }
    }

    /// Guards the site whole: its login works by tickets, two tenants mixed on few connections, and every misuse is an error.
    private func guardedWhole(
        _ adopt: [String], _ address: [String: String], _ login: String, _ python: String, _ site: String,
        _ variables: [String: String], _ world: ConsoleWorld
    ) async throws {
        let whole = try await Piste.run(
            adopt + ["--guard", "all", "--canary", "tenant2"], environment: address)
        #expect(whole.status == 0, "\(whole)")
        #expect(try whole.objects().allSatisfy { $0["state"] as? String == "renewed" }, "\(whole)")
        // What lies beside the tenants is still the old login's, and so the tickets are another's: an operator owns nothing.
        let service = world.database.roleName("tickets")
        let added = try await world.piste("operator", "add", service, "--level", "service")
        #expect(added.status == 0, "\(added)")
        #expect(
            try await world.value("SELECT has_schema_privilege('\(login)', 'o_brien', 'USAGE')") == "f")
        let failing =
            "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
        #expect(try await world.value(failing) == nil)

        let printed = try await Piste.run(["client", "django"])
        try printed.output.write(toFile: site + "/piste_django.py", atomically: true, encoding: .utf8)
        var tickets = variables
        tickets["DJANGO_SETTINGS_MODULE"] = "settings_tickets"
        tickets["PGUSER"] = service
        let every = ProcessInfo.processInfo.environment["PISTE_TEST_EVERY"] != nil
        let requests = every ? 2000 : 480
        var command = ["/bin/sh", "-c", #"exec "$0" "$@""#, python, site + "/mixed.py", "\(requests)", "8"]
        if let pgbouncer = Driver.pgbouncer {
            command =
                ["/usr/bin/python3", "\(Driver.folder)/through_pgbouncer.py", pgbouncer, "transaction"]
                + command
        }
        let run = try await Driver.run(command, environment: tickets)
        #expect(run.status == 0, "\(run.errors.suffix(2000))")
        let counts = try JSONDecoder().decode([String: Int].self, from: Data(run.output.utf8))
        #expect(counts["wrong"] == 0)
        #expect(counts["requests"] == requests && counts["rows"] ?? 0 >= requests / 2, "\(counts)")
        #expect(counts["misuses"] == requests / 10 * 4 && counts["refused"] == counts["misuses"], "\(counts)")
        let written = try await world.value(
            "SELECT count(*) FROM piste.entry WHERE action = 'shop_order.insert' AND context IS NOT NULL AND actor = '\(service)'"
        )
        #expect(written.flatMap { Int($0) } == counts["writes"])
        let left = try await world.value("SELECT count(*) FROM o_brien.shop_order WHERE data ? 'crashed'")
        #expect(left == "0")
    }
}
