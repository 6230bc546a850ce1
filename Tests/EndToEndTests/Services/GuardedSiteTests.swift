import Foundation
import Postgres
import TestSupport
import Testing

/// Two tenants that were there before, guarded whole: their application's own login works by tickets, on few connections that
/// several threads share, and reads no row of the wrong one.
struct GuardedSiteTests {
    private struct Outcome: Decodable {
        var counts: [String: Int]
        var states: [String: Int]
    }

    @Test func twoTenantsOnOnePool() async throws {
        guard let python = await TenantsSiteTests.environment.value.path else { return }
        try await ServiceWorld.run { world in
            let site = world.database.roleName("site_g")
            try await world.owner.query("CREATE ROLE \(site) LOGIN NOINHERIT")
            for tenant in ["red", "blue"] {
                try await world.owner.run(
                    script: """
                        CREATE SCHEMA \(tenant) AUTHORIZATION \(site);
                        SET ROLE \(site);
                        CREATE TABLE \(tenant).users (id serial PRIMARY KEY, email text NOT NULL, name text, locale text);
                        INSERT INTO \(tenant).users (email) SELECT 'u' || n || '@\(tenant).example'
                        FROM generate_series(1, \(ServiceWorld.users)) AS n;
                        RESET ROLE;
                        """)
                let adopted = try await world.owner.query(
                    "SELECT refusal FROM piste.adopt('\(tenant)', '\(tenant)', '\(tenant)', degree => 'all')")
                #expect(try adopted[0].isNull(0))
            }
            let added = try await world.owner.query(
                "SELECT refusal FROM piste.add_operator('\(site)', 'service')")
            #expect(try added[0].isNull(0))

            let every = ProcessInfo.processInfo.environment["PISTE_TEST_EVERY"] != nil
            let requests = every ? 2040 : 480
            // A path with an equals sign in it would be a variable to env.
            var command = [
                "/bin/sh", "-c", #"exec "$0" "$@""#, python, "-B", Driver.django.load, "\(requests)",
            ]
            if let pgbouncer = Driver.pgbouncer {
                command =
                    ["/usr/bin/python3", "\(Driver.folder)/through_pgbouncer.py", pgbouncer, "transaction"]
                    + command
            }
            var variables = world.variables(site)
            variables["COMPANIES"] = "red,blue"
            let run = try await Driver.run(command, environment: variables)
            try #require(run.status == 0, "\(run.errors)")
            let outcome = try JSONDecoder().decode(Outcome.self, from: Data(run.output.utf8))
            #expect(outcome.counts["requests"] == requests)
            #expect(outcome.counts["wrong"] == 0 && outcome.counts["empty"] == 0)
            #expect(outcome.counts["silent"] == 0, "every misuse is an error")
            // Of a busy machine; never a habit.
            #expect(outcome.counts["again"] ?? 0 <= requests / 20, "\(outcome.counts)")
            #expect(outcome.counts["rows"] == requests / 20 * 14 * ServiceWorld.users)
            #expect(
                outcome.states == ["42P01": requests / 20, "PT409": requests / 10, "PT410": requests / 20])
            #expect(
                try await world.number(
                    """
                    SELECT count(*) FROM piste.entry e JOIN piste.company k ON k.id = e.company AND k.adopted = 'all'
                    WHERE e.action = 'users.update' AND e.context IS NOT NULL AND e.actor = '\(site)'
                    """) == requests / 20)
            for tenant in ["red", "blue"] {
                #expect(
                    try await world.number("SELECT count(*) FROM \(tenant).users WHERE locale = 'xx'") == 0)
            }
        }
    }
}
