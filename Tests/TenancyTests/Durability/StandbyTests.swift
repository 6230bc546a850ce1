import Postgres
import TestSupport
import Testing

/// Where records are replicated, no row before the standbys have its record; and after a promotion nothing that was read is
/// missing.
@Suite(.enabled(if: ReplicatedServers.obstacle == nil, "pg_basebackup and its kin are needed"))
struct StandbyTests {
    @Test func readsTheServersListAsTheServerDoes() async throws {
        try await DurabilityWorld.run(standbys: 2) { world in
            let owner = try await world.servers.primary.connect()
            try await owner.query("SET synchronous_commit = off")
            for (list, wanted, there) in [
                ("", nil, 0), ("standby_1", 1, 1), ("standby_1, standby_2", 1, 1), ("*", 1, 1),
                ("FIRST 2 (standby_1, standby_2)", 2, 2), ("first 1(standby_2,standby_1)", 1, 1),
                ("2 (standby_1, standby_2)", 2, 2), ("ANY 2 (standby_1, standby_2)", 2, 2),
                ("any 1 (*)", 1, 2), (#""FIRST 2 (", standby_1"#, 1, 1), (#""standby_1""#, 1, 1),
                ("2, standby_1", 1, 1), ("nobody", 1, 0), ("FIRST 3 (standby_1, standby_2, a)", 3, 2),
                (#"Any 2 ("STANDBY_1", "a""b", standby_2)"#, 2, 2),
            ] as [(String, Int?, Int)] {
                try await world.servers.primary.configure("synchronous_standby_names", list)
                _ = try await eventually {
                    try await owner.number("SELECT count(*) FROM piste.synchronous_standbys()") == there
                }
                let row = try await owner.query(
                    """
                    SELECT piste.standbys_wanted(), (SELECT count(*) FROM piste.synchronous_standbys()),
                        piste.durability(), piste.durability_problem() IS NULL
                    """)[0]
                #expect(try row.optionalInt(0) == wanted, "\(list)")
                #expect(try row.int(1) == there, "\(list)")
                #expect(try row.string(2) == (wanted == nil ? "local" : "replicated"), "\(list)")
                #expect(try row.bool(3) == (there >= wanted ?? 0), "\(list)")
            }
            await owner.close()
        }
    }

    @Test func opensNothingThatTheStandbysLack() async throws {
        try await DurabilityWorld.run(standbys: 2) { world in
            let primary = world.servers.primary
            let owner = try await primary.connect()
            try await owner.query("SET synchronous_commit = off")
            #expect(
                await owner.sqlState("SELECT * FROM piste.set_setting('durability', 'replicated')") == "PT409"
            )
            try await world.wait(for: "ANY 2 (standby_1, standby_2)", 2)
            let carol = try await world.enter()
            for mischief in DurabilityWorld.Mischief.allCases {
                #expect(try await carol.read(1, mischief) == DurabilityWorld.users, "\(mischief)")
            }
            // Noted once, where the transaction may write; asked again where it may not.
            let settled = "SELECT settled::int FROM piste.declaration WHERE pid = \(carol.backendPID)"
            #expect(try await owner.number(settled) == 1)
            try await carol.declare()
            try await carol.query("BEGIN READ ONLY")
            #expect(try await carol.count("users") == DurabilityWorld.users)
            try await carol.query("COMMIT")
            #expect(try await owner.number(settled) == 0)

            world.servers.standbys[1].freeze()
            // The commit waits for the standby; who cancels that has a record, and reads nothing on it.
            for statement in [
                "SELECT piste.declare('users.read', 'users')",
                "BEGIN; SELECT piste.declare('users.read', 'users'); SET LOCAL synchronous_commit = local; COMMIT",
                "BEGIN; SELECT piste.declare('users.read', 'users'); SET LOCAL synchronous_commit = off; COMMIT",
            ] {
                let waiting = Task { try await carol.run(script: statement) }
                #expect(
                    try await eventually {
                        try await owner.number(
                            "SELECT count(*) FROM pg_stat_activity WHERE pid = \(carol.backendPID) AND wait_event = 'SyncRep'"
                        ) == 1
                    }, "\(statement)")
                carol.cancel()
                _ = await waiting.result
                #expect(
                    try await owner.number(
                        "SELECT sync::int FROM piste.declaration WHERE pid = \(carol.backendPID)") == 1)
                #expect(try await carol.count("users") == 0, "\(statement)")
            }
            try await carol.query("SET statement_timeout = '300ms'")
            #expect(await carol.sqlState("SELECT count(*) FROM users") == "57014")
            try await carol.query("SET statement_timeout = 0")
            world.servers.standbys[1].freeze(false)
            // The record was there all the time: as soon as the standbys have it, it opens.
            #expect(
                try await eventually {
                    try await carol.count("users") == DurabilityWorld.users
                })

            // One that is gone is told at once, and nobody waits.
            try await world.servers.standbys[1].kill()
            _ = try await eventually {
                try await owner.number("SELECT count(*) FROM piste.synchronous_standbys()") == 1
            }
            #expect(await carol.sqlState("SELECT piste.declare('users.read', 'users')") == "PT503")
            let state =
                "SELECT state || ': ' || what FROM piste.durability_report() WHERE subject = 'records'"
            #expect(
                try await owner.value(state).contains("problem: records must be on 2 synchronous standbys"))
            // An admin can choose otherwise, on record.
            try await owner.query("SELECT * FROM piste.set_setting('durability', 'local')")
            try await carol.query("SET synchronous_commit = local")
            #expect(try await carol.read(2) == DurabilityWorld.users)
            #expect(try await owner.value(state).contains("warning: local"))
            await carol.close()
            await owner.close()
        }
    }

    @Test func losesNothingThatWasReadInAPromotion() async throws {
        try await DurabilityWorld.run(standbys: 1) { world in
            let standby = world.servers.standbys[0]
            try await world.wait(for: standby.name, 1)
            let carol = try await world.enter()
            var read: [Int] = []
            for number in 1...60 {
                let mischief = DurabilityWorld.Mischief.allCases[number % 3]
                if try await carol.read(number, mischief) > 0 { read.append(number) }
            }
            #expect(read.count == 60)
            // The last thing that happens: a record that the standby lacks, and no row for it.
            standby.freeze()
            let waiting = Task {
                try await carol.query("SELECT piste.declare('users.read', 'users', '{\"n\": 61}')")
            }
            _ = try await eventually {
                let owner = try await world.servers.primary.connect()
                let waits = try await owner.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                await owner.close()
                return waits == 1
            }
            carol.cancel()
            _ = await waiting.result
            #expect(try await carol.count("users") == 0)
            let head = try await world.head(on: world.servers.primary)
            try await world.servers.primary.kill()
            try await standby.comeBackAlone()
            await carol.close()

            let kept = try await world.recorded(on: standby)
            #expect(read.allSatisfy(kept.contains))
            let bob = try await standby.connect(as: "bob")
            // The head went back: what was seen of the old primary is not there any more.
            let lost = try await bob.query(
                "SELECT * FROM piste.compare_head('acme', $1, $2)", [.int(Int64(head.seq)), .text(head.hash)])[
                    0]
            if try !lost.bool("ok") {
                #expect(try lost.int("lost_to") == head.seq)
                #expect(try lost.int("lost_from") <= head.seq)
            } else {
                Issue.record("the frozen standby had the last record")
            }
            // The first record of the new timeline says so, once; and the old server's contexts are over.
            let again = try await world.enter(on: standby)
            #expect(try await again.read(62) == DurabilityWorld.users)
            #expect(try await again.read(63) == DurabilityWorld.users)
            #expect(try await world.controlRecords("engine.timeline", on: standby) == 1)
            #expect(try await world.controlRecords("incident.head", on: standby) == 1)
            let timeline =
                "SELECT state || ': ' || what FROM piste.durability_report() WHERE subject = 'timeline'"
            #expect(try await again.value(timeline).hasPrefix("good: timeline 2, after 1 promotion"))
            await again.close()
            await bob.close()
        }
    }

    /// What a standby knows of the engine from the primary's log alone is whole when it is promoted, on its disk or not.
    @Test func goesOnWhereTheStandbySawTheEngineCome() async throws {
        try await DurabilityWorld.run(standbys: 1, early: true) { world in
            let standby = world.servers.standbys[0]
            try await world.wait(for: standby.name, 1)
            let carol = try await world.enter()
            #expect(try await carol.read(1) == DurabilityWorld.users)
            try await world.servers.primary.kill()
            try await standby.promote()
            await carol.close()
            let again = try await world.enter(on: standby)
            #expect(try await again.read(2) == DurabilityWorld.users)
            #expect(try await again.read(3) == DurabilityWorld.users)
            #expect(try await world.recorded(on: standby) == [1, 2, 3])
            #expect(try await world.controlRecords("engine.timeline", on: standby) == 1)
            await again.close()
        }
    }

    @Test func tellsAStandbyWhoseClockIsNotThisServers() async throws {
        try await DurabilityWorld.run(standbys: 1) { world in
            let owner = try await world.servers.primary.connect()
            let clocks =
                "SELECT state || ': ' || what FROM piste.durability_report() WHERE subject LIKE '%clock' ORDER BY 1"
            let answers =
                "SELECT count(*) FROM piste.standby_clocks() WHERE abs(extract(epoch FROM ahead)) < 40"
            #expect(try await eventually { try await owner.number(answers) == 1 })
            #expect(try await owner.query(clocks).count == 1, "one machine has one clock")
            // What a standby on another machine would answer.
            for (ahead, words) in [("00:00:03", "is 00:00:03 ahead"), ("-00:02:00", "is 00:02:00 behind")] {
                try await owner.query(
                    """
                    CREATE OR REPLACE FUNCTION piste.standby_clocks() RETURNS TABLE (standby text, ahead interval)
                    LANGUAGE sql VOLATILE AS $$ SELECT 'b', interval '\(ahead)' $$
                    """)
                let told = try await owner.query(clocks).map { try $0.string(0) }
                #expect(told.count == 2 && told[1].contains("the clock of b \(words)"), "\(told)")
            }
            await owner.close()
        }
    }

    /// The control: records that are local only are missing after the same promotion.
    @Test func findsWhatALocalRecordLoses() async throws {
        try await DurabilityWorld.run(standbys: 1) { world in
            let standby = world.servers.standbys[0]
            let carol = try await world.enter()
            standby.freeze()
            var read: [Int] = []
            for number in 1...20 where try await carol.read(number) > 0 { read.append(number) }
            #expect(read.count == 20)
            try await world.servers.primary.kill()
            try await standby.comeBackAlone()
            await carol.close()
            let kept = try await world.recorded(on: standby)
            #expect(read.contains { !kept.contains($0) })
        }
    }
}

extension ServerUnderTest {
    /// Loses what it had not written down when it froze, what waited in its socket too, and goes on as a primary.
    func comeBackAlone() async throws {
        try await kill()
        try await start()
        try await promote()
    }
}

extension DurabilityWorld {
    /// Has commits wait for these standbys, as soon as so many of them follow.
    func wait(for standbys: String, _ count: Int) async throws {
        try await servers.primary.configure("synchronous_standby_names", standbys)
        let owner = try await servers.primary.connect()
        #expect(
            try await eventually {
                try await owner.number("SELECT count(*) FROM piste.synchronous_standbys()") == count
            })
        await owner.close()
    }

    /// The last record of the company's trail, as somebody outside would note it.
    func head(on server: ServerUnderTest) async throws -> (seq: Int, hash: String) {
        let owner = try await server.connect()
        try await owner.query("SET synchronous_commit = local")
        _ = await owner.sqlState("SELECT piste.seal()")
        let row = try await owner.query(
            "SELECT t.seq, encode(t.hash, 'hex') FROM piste.trail t JOIN piste.company k ON k.id = t.company")[
                0]
        let head = (try row.int(0), try row.string(1))
        await owner.close()
        return head
    }

    /// How many records of this action the engine's own trail has.
    func controlRecords(_ action: String, on server: ServerUnderTest) async throws -> Int {
        let owner = try await server.connect()
        _ = await owner.sqlState("SELECT piste.seal()")
        let count = try await owner.number(
            "SELECT count(*) FROM piste.audit_trail(NULL, \"limit\" => 1000) WHERE action = $1",
            [.text(action)])
        await owner.close()
        return count
    }
}
