import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// A run over all companies: canary, workers, failure, resuming, interruption.
struct MigrationRunTests {
    @Test func workersBringEveryCompanyThere() async throws {
        try await MigrationWorld.run(companies: 9) { world in
            let seen = Mutex<[String]>([])
            let total = Mutex(0)
            let run = MigrationRun(world.database.settings(user: world.admin), jobs: 3)
            let summary = try await run.run(
                begin: { count in total.withLock { $0 = count } },
                each: { outcome in seen.withLock { $0.append(outcome.urlID) } })
            #expect(summary.isComplete && summary.done == 9)
            #expect(total.withLock { $0 } == 9)
            #expect(seen.withLock { Set($0).count } == 9)
            let client = try await world.client()
            #expect(
                try await client.fleet() == [
                    FleetShare(
                        version: MigrationWorld.newest, target: MigrationWorld.newest, state: .done,
                        companies: 9)
                ])
            let again = try await run.run()
            #expect(again.isComplete && again.done == 0)
        }
    }

    @Test func theCanaryGoesFirstAndStopsTheOthers() async throws {
        try await MigrationWorld.run(companies: 4) { world in
            try await world.spoil("company-3")
            let settings = world.database.settings(user: world.admin)
            let before = try await world.picture()
            let stopped = try await MigrationRun(settings, canary: "company-3").run()
            #expect(stopped.stoppedAtCanary && stopped.failed.map(\.urlID) == ["company-3"])
            #expect(stopped.done == 0 && stopped.left == 3)
            #expect(try await world.picture() == before)
            await #expect(throws: TenancyError.self) {
                try await MigrationRun(settings, canary: "nobody").run()
            }
            try await world.mend("company-3")
            let first = Mutex<String?>(nil)
            let summary = try await MigrationRun(settings, canary: "company-3").run(
                each: { outcome in first.withLock { $0 = $0 ?? outcome.urlID } })
            #expect(summary.isComplete && summary.done == 4)
            #expect(first.withLock { $0 } == "company-3")
        }
    }

    @Test func theFirstFailureEndsTheRunAndTheNextOneResumes() async throws {
        try await MigrationWorld.run(companies: 6) { world in
            try await world.spoil("company-2")
            let settings = world.database.settings(user: world.admin)
            let summary = try await MigrationRun(settings, jobs: 1).run()
            #expect(summary.done == 1 && summary.left == 4)
            #expect(summary.failed.map(\.urlID) == ["company-2"])
            // A rehearsal looks at all of them.
            let rehearsal = try await MigrationRun(settings, jobs: 2, isRehearsal: true).run()
            #expect(rehearsal.done == 4 && rehearsal.failed.map(\.urlID) == ["company-2"])
            try await world.mend("company-2")
            let resumed = try await MigrationRun(settings, jobs: 2).run()
            #expect(resumed.isComplete && resumed.done == 5)
        }
    }

    @Test func aCompanyInUseIsTriedAgainAndReported() async throws {
        try await MigrationWorld.run(companies: 3) { world in
            let home = try await world.home("company-1")
            try await world.owner.run(script: "BEGIN; SELECT FROM \(home).users")
            let settings = world.database.settings(user: world.admin)
            let summary = try await MigrationRun(settings, patience: .milliseconds(10)).run()
            #expect(summary.waiting.map(\.urlID) == ["company-1"])
            #expect(summary.done == 2 && !summary.isComplete)
            try await world.owner.run(script: "ROLLBACK")
            #expect(try await MigrationRun(settings).run().isComplete)
        }
    }

    @Test func twoRunsShareTheWork() async throws {
        try await MigrationWorld.run(companies: 12) { world in
            let settings = world.database.settings(user: world.admin)
            async let one = MigrationRun(settings, jobs: 2).run()
            async let other = MigrationRun(settings, jobs: 2).run()
            let (first, second) = try await (one, other)
            #expect(first.isComplete && second.isComplete)
            #expect(first.done + second.done == 12)
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.migration WHERE state = 'done'")
                    == 12 * (MigrationWorld.newest - 1))
        }
    }

    @Test func whoIsNoAdminIsRefused() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let run = MigrationRun(world.database.settings(user: world.support))
            let error = await #expect(throws: TenancyError.self) { try await run.run() }
            #expect(error?.refusalCode == "not_allowed")
        }
    }

    @Test func killedBackendsLeaveNoCompanyHalfMigrated() async throws {
        try await MigrationWorld.run(companies: 12) { world in
            var digests = [1: try await world.digest("company-1")]
            var random = SeededRandom(seed: 20_240_611)
            let settings = world.database.settings(user: world.admin).with(applicationName: "run")
            var newest = MigrationWorld.newest
            var interrupted = 0
            for round in 1...25 {
                if try await world.owner.number(
                    "SELECT count(*) FROM piste.company WHERE blueprint_version < \(newest)") == 0
                {
                    newest = try await BlueprintRegistration(connection: world.owner).register(
                        "ALTER TABLE {schema}.users ADD COLUMN extra_\(newest) integer CHECK (extra_\(newest) > 0);",
                        origin: "owner round \(round)")
                }
                if digests[newest] == nil {
                    try await world.create("fresh-\(newest)")
                    digests[newest] = try await world.digest("fresh-\(newest)")
                }
                async let outcome: Bool = {
                    do { return try await MigrationRun(settings, jobs: 3).run().isComplete } catch {
                        return false
                    }
                }()
                try await Task.sleep(for: .milliseconds(Int(random.next() % 250)))
                try await world.owner.query(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1",
                    [.text(world.admin)])
                if await !outcome { interrupted += 1 }
                try await world.expectWhole(digests)
            }
            // The kills did hit runs in their middle.
            #expect(interrupted > 5)
            #expect(try await MigrationRun(settings).run().isComplete)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.company WHERE blueprint_version < \(newest)") == 0)
            try await world.expectWhole(digests)
        }
    }
}

extension MigrationWorld {
    /// Every company is what its version says, with all of it in the ledger, and its trail is sound.
    func expectWhole(_ digests: [Int: String]) async throws {
        let rows = try await owner.query(
            """
            SELECT k.url_id, k.blueprint_version AS version, piste.company_structure_digest(k.schema_name) AS digest,
                (SELECT count(*) FROM piste.migration m WHERE m.company = k.id AND m.state = 'done')
                    = CASE WHEN k.url_id LIKE 'company%' THEN k.blueprint_version - 1 ELSE 0 END
                    OR k.url_id LIKE 'fresh%' AS agrees
            FROM piste.company k
            """)
        for row in rows {
            let urlID = try row.string("url_id")
            #expect(try row.string("digest") == digests[try row.int("version")], "\(urlID)")
            #expect(try row.bool("agrees"), "the ledger of \(urlID)")
        }
    }
}

/// Numbers that are the same with every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
