import Foundation
import Postgres
import TestSupport
import Testing

@testable import Tenancy

/// Users and journeys of an adopted company, read through what its map says.
struct PlayedClientTests {
    private static let map = """
        {"tables": {"users": {"redact": ["password_digest"]}},
         "users": {"table": "users", "id": "id", "email": "email", "name": "loud", "role": "password_digest", "status": "state",
                   "created_at": "born"},
         "journeys": {"table": "trips", "id": "number", "user": "rider", "name": "title", "status": "phase", "updated_at": "moved"}}
        """

    private func run(
        guarding degree: String = "people", map: String = PlayedClientTests.map,
        _ body: (SiteWorld) async throws -> Void
    ) async throws {
        try await SiteWorld.run { site in
            try await site.world.owner.run(
                script: """
                    SET ROLE \(site.site);
                    ALTER TABLE tenant_acme.users ADD born date;
                    UPDATE tenant_acme.users SET born = current_date - id, state = CASE WHEN id > 15 THEN 'paid' ELSE 'open' END::public.order_state;
                    CREATE TABLE tenant_acme.trips (
                        number bigint PRIMARY KEY, rider int REFERENCES tenant_acme.users, title text, phase text, moved timestamptz);
                    INSERT INTO tenant_acme.trips
                    SELECT n, 1 + n % 3, 'Trip ' || n, CASE WHEN n % 2 = 0 THEN 'archived' ELSE 'running' END,
                        timestamptz '2026-01-01 00:00+00' + n * interval '1 day'
                    FROM generate_series(1, 9) AS n;
                    RESET ROLE;
                    """)
            try await site.world.owner.query("SELECT * FROM piste.share_table('public.countries')")
            #expect(try await site.adopt("tenant_acme", as: "tenant", map: map, guarding: degree) == nil)
            try await body(site)
        }
    }

    private func enter(_ site: SiteWorld) async throws -> (TenancyClient, TenantSession) {
        let client = try await site.world.client(site.world.alice)
        return (client, try await client.enter(try await client.generateContextToken(for: "tenant")))
    }

    @Test("Users are found, ordered and paged by the columns that the map names; what is redacted stays so")
    func users() async throws {
        try await run { site in
            let (client, session) = try await enter(site)
            let all = try await session.users(PageRequest(limit: 100)).rows
            #expect(all.count == 20 && all.allSatisfy { $0.name == $0.email + "!" && $0.role.isEmpty })
            let down = try await session.users(sort: .name, ascending: false, PageRequest(limit: 100)).rows
            #expect(down.map(\.id) == all.map(\.id).reversed())
            #expect(all.first { $0.id == 16 }?.status.rawValue == "paid")
            #expect(all.first { $0.id == 3 }?.createdAt != nil && all[0].lastSeenAt == nil)
            var (paged, place) = ([User](), PageRequest<Keyset>.Place.start)
            while true {
                let page = try await session.users(sort: .createdAt, PageRequest(place, limit: 7))
                paged += page.rows
                guard page.hasMore, let last = page.rows.last else { break }
                place = .after(last.keyset)
            }
            #expect(paged.map(\.id) == (1...20).reversed().map { Int64($0) })
            let before = try await session.users(
                sort: .createdAt, PageRequest(.before(paged[5].keyset), limit: 3))
            #expect(before.rows.map(\.id) == paged[2...4].map(\.id))
            #expect(try await session.users(matching: "status:paid").rows.count == 5)
            #expect(try await session.users(matching: "!status:paid").rows.count == 15)
            #expect(try await session.users(matching: "/^u1@/").rows.map(\.id) == [1])
            #expect(
                try await session.users(matching: "secret").rows.isEmpty, "nobody searches what is redacted")
            #expect(try await session.user(7)?.email == "u7@x.example")
            #expect(try await session.user(77) == nil)
            #expect(try await session.estimatedUsers().value == 20)
            for sort in [User.Sort.role, .lastSeenAt] {
                let refused = await failure { () throws(TenancyError) in
                    _ = try await session.users(sort: sort)
                }
                #expect(refused?.code == .invalid && refused?.message.contains(sort.rawValue) == true)
            }
            let records = try await site.world.owner.query(
                "SELECT DISTINCT e.action || ' ' || e.resource AS line FROM piste.entry e JOIN piste.company k ON k.id = e.company AND k.url_id = 'tenant' WHERE e.action LIKE 'users.%'"
            )
            #expect(try records.map { try $0.string("line") } == ["users.read users"])
            await session.leave()
            await client.close()
        }
    }

    @Test("Journeys have their users' names, and an overview has what the map leads to")
    func journeys() async throws {
        try await run { site in
            let (client, session) = try await enter(site)
            let all = try await session.journeys(PageRequest(limit: 100)).rows
            #expect(all.map(\.id) == (1...9).reversed().map { Int64($0) }, "the last moved first")
            #expect(all[0].userName == "u1@x.example!" && all[0].userID == 1 && all[0].steps == 0)
            #expect(all[1].status.rawValue == "archived" && all[1].startedAt == nil)
            #expect(try await session.journeys(of: 2).rows.map(\.id) == [7, 4, 1])
            #expect(try await session.journeys(status: .running).rows.count == 5)
            #expect(try await session.journeyDetail(4)?.journey.name == "Trip 4")
            let detail = try #require(try await session.userDetail(3))
            #expect(detail.journeys.map(\.id) == [8, 5, 2] && detail.steps.isEmpty)
            let overview = try await session.overview()
            #expect(
                overview.usersByStatus == [
                    User.Status(rawValue: "open"): 15, User.Status(rawValue: "paid"): 5,
                ])
            #expect(overview.journeysByStatus == [.running: 5, Journey.Status(rawValue: "archived"): 4])
            #expect(overview.hasSignUps && overview.signUps.reduce(0, +) == 20 && overview.funnels.isEmpty)
            #expect(overview.audit.days.last ?? 0 > 0)
            let steps = await failure { () throws(TenancyError) in _ = try await session.steps(of: [1]) }
            #expect(steps?.message.contains("adopted") == true)
            await session.leave()
            await client.close()
        }
    }

    @Test("A service reads them by its ticket, where all is guarded")
    func byTicket() async throws {
        try await run(guarding: "all") { site in
            let piste = try await TenancyClient.connect(
                site.world.database.settings(user: site.world.till), connections: 2)
            let (users, journeys) = try await piste.inside("tenant", "users", "trips", readOnly: true) {
                (try await $0.users(matching: "status:paid").rows, try await $0.journeys().rows)
            }
            #expect(
                users.count == 5 && users.allSatisfy { $0.role == "secret" },
                "a service sees what is redacted")
            #expect(journeys.count == 9 && journeys[0].userName == "u1@x.example!")
            // The control: a company that Piste made.
            #expect(
                try await piste.inside("acme", "users", readOnly: true) { try await $0.users().rows.count }
                    == EngineWorld.users)
            await piste.close()
        }
    }

    @Test("Where nothing plays them, a sentence says what to do, and no page is empty")
    func nothingPlays() async throws {
        try await run(map: "{}") { site in
            // Its table of that name plays nobody's users, and is not counted as if it did.
            let bob = try await site.world.connect(site.world.bob)
            for source in ["company('tenant')", "companies('tenant', sort => 'users_estimate')"] {
                #expect(
                    try await bob.value("SELECT (users_estimate IS NULL)::text FROM piste.\(source)")
                        == "true",
                    "\(source)")
            }
            await bob.close()
            let (client, session) = try await enter(site)
            for missing in [
                await failure { () throws(TenancyError) in _ = try await session.users() },
                await failure { () throws(TenancyError) in _ = try await session.journeys() },
                await failure { () throws(TenancyError) in _ = try await session.estimatedUsers() },
            ] {
                #expect(
                    missing?.message.contains("piste adopt --map") == true
                        && missing?.message.contains("piste rows tenant") == true,
                    "\(String(describing: missing))")
            }
            let overview = try await session.overview()
            #expect(!overview.hasUsers && !overview.hasJourneys && !overview.hasSignUps)
            await session.leave()
            await client.close()
        }
    }
}
