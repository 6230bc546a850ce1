import Foundation
import Postgres
import TestSupport
import Testing

/// No row before its record is flushed, whatever a client does to its own commit.
@Suite(.enabled(if: ReplicatedServers.obstacle == nil, "pg_basebackup and its kin are needed"))
struct GuardTests {
    /// One way to have a commit that is not flushed: what is sent before the declaration, and what between it and the commit.
    struct Attack: Sendable, CustomTestStringConvertible {
        let before: [String]
        let after: [String]
        /// How the transaction ends: nil for well, else the SQLSTATE.
        let state: String?

        init(_ before: [String], _ after: [String], _ state: String? = nil) {
            (self.before, self.after, self.state) = (before, after, state)
        }

        var testDescription: String { (before + ["declare"] + after).joined(separator: "; ") }

        static let off = "SET LOCAL synchronous_commit = off"
        static let held =
            "DECLARE held CURSOR WITH HOLD FOR SELECT set_config('synchronous_commit', 'off', true)"
        static let now = "SET CONSTRAINTS ALL IMMEDIATE"

        static let all = [
            Attack([], []),
            Attack([], [off]),
            Attack(["SET synchronous_commit = off"], []),
            Attack([], [now, off], "PT409"),
            Attack([now], [off], "PT409"),
            Attack([], ["SET CONSTRAINTS piste.guard IMMEDIATE", off], "PT409"),
            Attack(["SET CONSTRAINTS piste.guard IMMEDIATE"], [off], "PT409"),
            Attack([now, "SET CONSTRAINTS ALL DEFERRED"], [off]),
            Attack([], [held], "PT409"),
            Attack([held], [], "PT409"),
            Attack([], ["SAVEPOINT a", off, "ROLLBACK TO a", off]),
            Attack(["SAVEPOINT a"], ["RELEASE a", off]),
            Attack([], ["SELECT piste.declare('users.read', 'users')", off]),
            Attack([], ["SAVEPOINT a", "SELECT piste.declare('users.read', 'users')", "ROLLBACK TO a", off]),
            Attack([], ["DO $$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); END $$"]),
            Attack(
                [
                    "DECLARE held CURSOR WITH HOLD FOR SELECT piste.declare('users.read', 'users') FROM "
                        + "(SELECT set_config('synchronous_commit', 'off', true)) AS s"
                ], [], "PT409"),
        ]
    }

    @Test func opensNothingThatIsNotFlushed() async throws {
        try await DurabilityWorld.run(standbys: 0) { world in
            let owner = try await world.servers.primary.connect()
            for attack in Attack.all {
                let outcome = try await run(attack, in: world, owner)
                #expect(outcome.state == attack.state, "\(attack)")
                #expect(outcome.isFlushed || outcome.rows == 0, "\(attack)")
                #expect(outcome.rows == (attack.state == nil ? DurabilityWorld.users : 0), "\(attack)")
            }
            // The control: a guard that makes sure of nothing, and the same look finds what is not flushed.
            try await world.loosenGuard()
            let loose = try await run(Attack([], [Attack.off]), in: world, owner)
            #expect(loose.rows == DurabilityWorld.users)
            #expect(!loose.isFlushed)
            await owner.close()
        }
    }

    private func run(
        _ attack: Attack, in world: DurabilityWorld, _ owner: Connection
    ) async throws -> (state: String?, isFlushed: Bool, rows: Int) {
        let carol = try await world.enter()
        var state: String?
        let statements =
            ["BEGIN"] + attack.before + ["SELECT piste.declare('users.read', 'users')"] + attack.after + [
                "COMMIT"
            ]
        for sql in statements where state == nil { state = await carol.sqlState(sql) }
        if state != nil { _ = await carol.sqlState("ROLLBACK") }
        let isFlushed = try await owner.query(
            "SELECT pg_current_wal_insert_lsn() <= pg_current_wal_flush_lsn()")[0].bool(0)
        let rows = try await carol.count("users")
        await carol.close()
        return (state, isFlushed, rows)
    }

    /// Rows read whose record is missing after the server was killed: none.
    @Test func losesNoRecordOfARowThatWasRead() async throws {
        try await DurabilityWorld.run(standbys: 0) { world in
            let kills = try await world.kill(Self.kills)
            #expect(kills.read >= Self.kills)
            #expect(kills.lost == 0)
            try await world.loosenGuard()
            var loose = DurabilityWorld.Outcome()
            for round in 0..<20 where loose.lost == 0 {
                loose = try await world.kill(1, from: Self.kills + round)
            }
            #expect(loose.lost > 0)
        }
    }

    /// How often the server is killed; `PISTE_TEST_KILLS` says otherwise, and the benchmark does it 2,000 times.
    private static let kills =
        ProcessInfo.processInfo.environment["PISTE_TEST_KILLS"].flatMap { Int($0) } ?? 50

    @Test func believesOnlyWhatTheEngineMarked() async throws {
        try await EngineWorld.run { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            try await world.expectReading(carol)
            // Past the trigger, as only a superuser can.
            try await world.owner.query("SET session_replication_role = replica")
            for change in [
                "sync = NOT sync", "server = server || '0'",
                "server_started = server_started - interval '1 us'",
            ] {
                try await carol.declare()
                #expect(try await carol.count("users") == EngineWorld.users, "\(change)")
                try await world.owner.query(
                    "UPDATE piste.declaration SET \(change) WHERE pid = $1", [.int(Int64(carol.backendPID))])
                #expect(try await carol.count("users") == 0, "\(change)")
            }
            // A context that was opened on another server ends, and nobody's backend for it.
            try await carol.declare()
            #expect(try await carol.count("users") == EngineWorld.users)
            try await world.owner.query("UPDATE piste.context SET server = server || '0'")
            #expect(try await carol.count("users") == 0)
            #expect(await carol.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410")
            #expect(
                try await world.owner.value("SELECT string_agg(DISTINCT did, ' ') FROM piste.sweep()")
                    == "detached")
            #expect(carol.isAlive)
            #expect(try await carol.number("SELECT 1") == 1)
            await carol.close()
        }
    }
}
