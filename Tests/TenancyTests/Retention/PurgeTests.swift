import Postgres
import TestSupport
import Testing

/// Control rows that nothing needs any more are removed after a setting, on record, and the trails stay.
struct PurgeTests {
    @Test("Ended contexts, decided requests and older verifications go by age", arguments: TestServers.all)
    func purges(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let bob = try await world.connect(world.bob)
            let (carol, jti) = try await world.inside("acme", as: world.carol)
            for _ in 1...3 { _ = try await bob.token("globex") }
            try await world.owner.query(
                "UPDATE piste.context SET ended_at = clock_timestamp() - interval '40 days', end_reason = 'x' WHERE opened_at IS NULL"
            )
            try await world.owner.query(
                """
                INSERT INTO piste.request (id, company, operator, reason, minutes, state, asked_at, expires_at, ended_at)
                SELECT gen_random_uuid(), id, 'x', 'x', 5, state, now() - interval '50 days', now() - interval '49 days',
                    now() - interval '49 days'
                FROM piste.company, unnest(ARRAY['expired', 'withdrawn', 'pending']) AS state WHERE url_id = 'acme'
                """)
            try await world.owner.query(
                """
                INSERT INTO piste.audit_anchor (company, seq, hash, verified_at, verified_by)
                SELECT id, n, '\\x00', now() - interval '50 days', 'x' FROM piste.company, generate_series(1, 3) AS n
                WHERE url_id = 'globex'
                """)
            let records = try await world.owner.count("piste.entry")

            // For ever is the standard.
            #expect(try await purged(bob) == [])
            try await bob.query("SELECT * FROM piste.set_setting('keep_control_days', '60')")
            #expect(try await purged(bob) == [])
            try await bob.query("SELECT * FROM piste.set_setting('keep_control_days', '30')")
            #expect(try await purged(bob) == ["3 contexts, 2 requests and 2 verifications"])
            #expect(try await purged(bob) == [])
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.audit_anchor WHERE verified_by = 'x'") == 1)
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.request WHERE operator = 'x'") == 1)
            // Whoever is inside stays there, and nothing of the trails is gone.
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.context WHERE jti = $1::uuid", [.text(jti)]) == 1)
            try await world.expectReading(carol)
            #expect(try await world.owner.count("piste.entry") > records)
            let record = try await world.owner.query(
                "SELECT actor, detail ->> 'contexts' FROM piste.entry WHERE action = 'engine.purge'")
            #expect(try record.map { [try $0.string(0), try $0.string(1)] } == [[world.bob, "3"]])
            await carol.close()
            await bob.close()
        }
    }

    private func purged(_ sweeper: Connection) async throws -> [String] {
        try await sweeper.query("SELECT detail FROM piste.sweep() WHERE did = 'purged'").map {
            try $0.string(0)
        }
    }
}
