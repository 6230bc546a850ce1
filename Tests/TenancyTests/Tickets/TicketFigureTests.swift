import Postgres
import TestSupport
import Testing

/// Tickets as figures: to a service and company each, by numbers that are no names.
struct TicketFigureTests {
    @Test func byServiceAndCompanyForWhoeverWatches() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let monica = world.database.roleName("monica")
            #expect(try await bob.refusal("add_operator('\(monica)', 'monitor')") == nil)
            let till = try await world.connect(world.till)
            for _ in 1...3 { _ = try await till.ticket("acme") }
            _ = try await till.ticket("globex")
            let acme = try await world.owner.value("SELECT id FROM piste.company WHERE url_id = 'acme'")
            let service = try await world.owner.value("SELECT '\(world.till)'::regrole::oid")
            for login in [monica, world.bob, world.shop] {
                let watcher = try await world.connect(login)
                let rows = try await watcher.query(
                    "SELECT name, label, value::int FROM piste.metrics() WHERE name LIKE 'tickets%'")
                let figures = try rows.map {
                    "\(try $0.string(0)) \(try $0.optionalString(1) ?? "-") \(try $0.int(2))"
                }
                #expect(figures.contains("tickets - 4"), "\(login): \(figures)")
                #expect(figures.contains("tickets_last_minute \(service) \(acme) 3"), "\(login): \(figures)")
                #expect(!figures.joined().contains(world.till) && !figures.joined().contains("globex"))
                await watcher.close()
            }
            // By name it is for those who may know the names.
            let figures = "SELECT string_agg(company || ' ' || tickets, ',') FROM piste.ticket_figures()"
            #expect(try await bob.value(figures) == "acme 3,globex 1")
            let watcher = try await world.connect(monica)
            #expect(await watcher.sqlState(figures) == "42501")
            for connection in [bob, till, watcher] { await connection.close() }
        }
    }

    @Test func theyDoNotGrowWithTheCompanies() async throws {
        try await EngineWorld.run { world in
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    INSERT INTO piste.ticket (id, login, company, tables, access, seconds, made, made_at, expires_at)
                    SELECT gen_random_uuid(), 'service ' || n % 5, md5(n::text)::uuid, '{users}', 'read', 60, '1',
                        clock_timestamp(), clock_timestamp()
                    FROM generate_series(1, 400) AS n;
                    INSERT INTO piste.ticket (id, login, company, tables, access, seconds, made, made_at, expires_at)
                    SELECT gen_random_uuid(), '\(world.till)', md5('busy')::uuid, '{users}', 'read', 60, '1',
                        clock_timestamp(), clock_timestamp() FROM generate_series(1, 7) AS n;
                    """)
            let rows = try await world.owner.query(
                "SELECT pair, tickets::int FROM piste.busiest_tickets() ORDER BY tickets DESC")
            #expect(rows.count == 101)
            #expect(try rows[0].string(0) == "other other" && rows[0].int(1) == 301)
            #expect(try rows[1].int(1) == 7)
            #expect(try rows.map { try $0.int(1) }.reduce(0, +) == 407)
        }
    }
}
