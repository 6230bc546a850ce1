import Postgres
import Tenancy
import TestSupport
import Testing

/// Values older than an admin chose are destroyed by the sweep, in bounded pieces, on record, and never by waiting.
struct KeptValuesTests {
    /// Puts what a company's trail holds so far back in time, before it is sealed.
    private func age(_ world: EngineWorld, _ urlID: String, days: Int) async throws {
        try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
        try await world.owner.query(
            "UPDATE piste.entry SET at = at - make_interval(days => \(days)) WHERE company = $1::uuid AND seq IS NULL",
            [.text(try await world.number(urlID))])
        try await world.owner.query("ALTER TABLE piste.entry ENABLE TRIGGER ALL")
    }

    private func forgotten(_ bob: Connection) async throws -> [String] {
        try await bob.query("SELECT url_id FROM piste.sweep() WHERE did = 'forgotten' ORDER BY url_id")
            .map { try $0.string(0) }
    }

    private func expired(_ world: EngineWorld, _ home: String) async throws -> [String] {
        try await world.owner.query(
            "SELECT detail ->> 'entries' FROM piste_test.trail('\(home)') WHERE action = 'audit.expire' ORDER BY seq"
        ).map { try $0.string(0) }
    }

    @Test(arguments: TestServers.all)
    func destroysWhatIsOlderThanTheSetting(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let values = try await world.values(world.acme)
            let old = try await world.owner.count(values)
            try await age(world, "acme", days: 40)
            try await world.owner.query("SELECT piste.seal()")
            try await world.change(world.acme, to: "young")
            let globex = try await world.owner.count(try await world.values(world.globex))
            let bob = try await world.connect(world.bob)

            // For ever is the standard, and an age that is not reached destroys nothing.
            #expect(try await forgotten(bob) == [])
            try await bob.query("SELECT * FROM piste.set_setting('keep_values_days', '41')")
            #expect(try await forgotten(bob) == [])
            #expect(try await world.owner.count(values) == old + 1)
            #expect(try await expired(world, world.acme) == [])

            try await bob.query("SELECT * FROM piste.set_setting('keep_values_days', '30')")
            #expect(try await forgotten(bob) == ["acme"])
            #expect(try await world.owner.count(values) == 1)
            #expect(try await world.owner.count(try await world.values(world.globex)) == globex)
            #expect(try await forgotten(bob) == [])
            #expect(try await expired(world, world.acme) == ["\(old)"])
            #expect(try await expired(world, world.globex) == [])
            let record = try await world.owner.query(
                "SELECT actor, detail ->> 'keep_values_days' FROM piste_test.trail('\(world.acme)') WHERE action = 'audit.expire'"
            )[0]
            #expect(try record.string(0) == world.bob && record.string(1) == "30")
            #expect(try await world.verifyThere("acme").isIntact)
            #expect(try await world.verify("acme").isIntact)
            await bob.close()
        }
    }

    @Test func takesALargeCompanyInPieces() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query(
                "INSERT INTO \(world.acme).users (email, name) SELECT 'm' || n || '@acme.example', 'M' FROM generate_series(1, 2100) AS n"
            )
            let values = try await world.values(world.acme)
            var left = try await world.owner.count(values)
            try await age(world, "acme", days: 2)
            let bob = try await world.connect(world.bob)
            try await bob.query("SELECT * FROM piste.set_setting('keep_values_days', '1')")
            var sweeps: [String] = []
            while left > 0 {
                let piece = min(left, 1_000)
                #expect(try await forgotten(bob) == ["acme"])
                #expect(try await world.owner.count(values) == left - piece)
                left -= piece
                sweeps.append("\(piece)")
            }
            #expect(sweeps.count == 3)
            #expect(try await forgotten(bob) == [])
            #expect(try await expired(world, world.acme) == sweeps)
            await bob.close()
        }
    }

    @Test func waitsForNobody() async throws {
        try await EngineWorld.run { world in
            let (acme, globex) = (try await world.values(world.acme), try await world.values(world.globex))
            for company in ["acme", "globex"] { try await age(world, company, days: 2) }
            let bob = try await world.connect(world.bob)
            try await bob.query("SELECT * FROM piste.set_setting('keep_values_days', '1')")
            let holder = try await world.database.superuser()
            try await holder.query("BEGIN")
            try await holder.query("SELECT FROM \(acme) FOR UPDATE")
            // One row of the other company's: the rest of it goes.
            try await holder.query("SELECT FROM \(globex) ORDER BY entry LIMIT 1 FOR UPDATE")
            #expect(try await forgotten(bob) == ["globex"])
            #expect(try await world.owner.count(globex) == 1)
            try await holder.query("ROLLBACK")
            #expect(try await forgotten(bob) == ["acme", "globex"])
            #expect(try await world.owner.count(acme) == 0)
            #expect(try await world.owner.count(globex) == 0)
            await holder.close()
            await bob.close()
        }
    }
}
