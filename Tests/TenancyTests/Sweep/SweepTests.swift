import Postgres
import TestSupport
import Testing

/// What a sweep finds and cannot change is told once; what it looks for is found without looking through everything.
struct SweepTests {
    private func sweep(_ world: EngineWorld) async throws -> [String] {
        try await world.owner.query("SELECT did FROM piste.sweep()").map { try $0.string(0) }
    }

    @Test(
        "A membership that only its granter takes back is one incident until it changes",
        arguments: TestServers.all)
    func strayMembership(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let version = try await world.owner.number("SELECT current_setting('server_version_num')::int")
            let incidents =
                "SELECT count(*) FROM piste.entry WHERE action = 'incident.membership' AND company = piste.no_company()"
            try await world.owner.query("GRANT \(world.acme)_reader TO \(world.carol)")
            guard version >= 160_000 else {
                #expect(try await sweep(world) == ["incident", "revoked"])
                #expect(try await world.memberships(world.carol) == 0)
                #expect(try await sweep(world) == [])
                #expect(try await world.owner.number(incidents) == 1)
                return
            }
            #expect(try await sweep(world) == ["incident"])
            for _ in 1...3 { #expect(try await sweep(world) == []) }
            #expect(try await world.owner.number(incidents) == 1)
            #expect(try await world.records("incident.membership", in: world.acme) == 1)
            #expect(try await world.memberships(world.carol) == 1)
            // The proof names it all the while.
            let bob = try await world.connect(world.bob)
            let named = try await bob.isolationReport("acme").first { $0.id == "memberships.companies" }
            #expect(named?.passed == false && named?.evidence.contains(world.carol) == true)
            // It changes: with the right to pass it on, and granted anew between two sweeps.
            try await world.owner.query("GRANT \(world.acme)_reader TO \(world.carol) WITH ADMIN OPTION")
            #expect(try await sweep(world) == ["incident"])
            #expect(try await sweep(world) == [])
            try await world.owner.query("REVOKE \(world.acme)_reader FROM \(world.carol)")
            try await world.owner.query("GRANT \(world.acme)_reader TO \(world.carol)")
            #expect(try await sweep(world) == ["incident"])
            // Another one is another incident, and one that the engine can take back is taken back.
            try await world.owner.query("GRANT \(world.globex)_writer TO \(world.carol)")
            try await world.owner.query(
                "SELECT piste.grant_company_role((SELECT id FROM piste.company WHERE url_id = 'acme'), 'agent', $1)",
                [.text(world.carol)])
            #expect(try await sweep(world).sorted() == ["incident", "incident", "revoked"])
            #expect(try await sweep(world) == [])
            // Gone, it is forgotten: the next is news.
            try await world.owner.query(
                "REVOKE \(world.acme)_reader, \(world.globex)_writer FROM \(world.carol)")
            #expect(try await sweep(world) == [])
            #expect(try await world.owner.count("piste.stray_membership") == 0)
            try await world.owner.query("GRANT \(world.acme)_reader TO \(world.carol)")
            #expect(try await sweep(world) == ["incident"])
            #expect(try await world.owner.number(incidents) == 6)
            await bob.close()
        }
    }

    /// With a million tickets looking through them took half a second of every second.
    @Test("Old tickets are found by their age", arguments: TestServers.all)
    func ticketsByAge(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    INSERT INTO piste.ticket (id, login, company, tables, access, seconds, made, made_at, expires_at)
                    SELECT gen_random_uuid(), '\(world.till)', (SELECT id FROM piste.company WHERE url_id = 'acme'), '{users}',
                        'read', 60, '1', clock_timestamp() + CASE WHEN n > 5000 THEN interval '1 hour' ELSE '-100 seconds' END,
                        clock_timestamp()
                    FROM generate_series(1, 200000) AS n;
                    RESET session_replication_role;
                    ANALYZE piste.ticket;
                    """)
            let scans =
                "SELECT coalesce(seq_scan, 0) FROM pg_stat_xact_user_tables WHERE relid = 'piste.ticket'::regclass"
            // The first takes away what is old; then there is nothing to find among many.
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.owner.count("piste.ticket") == 195_000)
            try await world.owner.query("BEGIN")
            let before = try await world.owner.number(scans)
            try await world.owner.query("SELECT * FROM piste.sweep_tickets()")
            #expect(try await world.owner.number(scans) == before)
            // The control: the figure counts what is looked through.
            try await world.owner.query("SELECT count(*) FROM piste.ticket WHERE seconds = 7")
            #expect(try await world.owner.number(scans) == before + 1)
            try await world.owner.query("ROLLBACK")
        }
    }
}
