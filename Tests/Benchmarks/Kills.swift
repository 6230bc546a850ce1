import Postgres
import Tenancy
import TestSupport

/// What durable records cost, and whether they are durable: servers of their own, which are killed.
enum Kills {
    static func measure(_ plan: Plan, _ report: Report) async throws {
        if let obstacle = ReplicatedServers.obstacle {
            report.heading("Records and crashes")
            return report.note("not measured: \(obstacle)")
        }
        try await measureCosts(plan.seconds, report)
        try await kill(plan.kills, report)
    }

    /// The guard and the standby's check, each beside the same engine without them, in turn.
    private static func measureCosts(_ seconds: Int, _ report: Report) async throws {
        try await DurabilityWorld.run(standbys: 1) { world in
            report.heading("Declare and read, a second")
            try await world.liftQuota()
            for clients in [1, 8] {
                for list in ["", world.servers.standbys[0].name] {
                    try await world.servers.primary.configure("synchronous_standby_names", list)
                    var rates: (guarded: [Double], loose: [Double]) = ([], [])
                    for _ in 0..<3 {
                        try await world.restoreGuard()
                        rates.guarded.append(try await world.rate(clients, .seconds(seconds)))
                        try await world.loosenGuard()
                        rates.loose.append(try await world.rate(clients, .seconds(seconds)))
                    }
                    report.figure(
                        "\(clients) clients, \(list.isEmpty ? "local" : "replicated, one standby")",
                        rates.guarded.middle, baseline: rates.loose.middle)
                }
            }
            report.note("Baseline: the same engine with a guard that marks and makes sure of nothing")
        }
    }

    private static func kill(_ count: Int, _ report: Report) async throws {
        try await DurabilityWorld.run(standbys: 0) { world in
            report.heading(
                "\(count) kills of the server under three clients, two of which lower synchronous_commit")
            var sum = DurabilityWorld.Outcome()
            var done = 0
            while done < count {
                let part = min(50, count - done)
                let outcome = try await world.kill(part, from: done)
                done += part
                sum.read += outcome.read
                sum.lost += outcome.lost
                sum.downtime += outcome.downtime
                report.note("\(done) kills: \(sum.read) readings, \(sum.lost) without their record")
            }
            try await world.loosenGuard()
            let control = try await world.kill(min(20, count), from: done)
            report.note(
                "the control, without the guard: \(control.lost) of \(control.read) without their record")
        }
    }
}

extension DurabilityWorld {
    /// The engine's own guard again.
    fileprivate func restoreGuard() async throws {
        let owner = try await servers.primary.connect()
        _ = try await EngineInstaller().install(on: owner)
        await owner.close()
    }

    /// Lets one login make as many records as it can.
    fileprivate func liftQuota() async throws {
        let owner = try await servers.primary.connect()
        try await owner.query(
            "INSERT INTO piste.setting (name, value, set_by) VALUES ('entry_rate', '1000000000', 'benchmark')"
        )
        await owner.close()
    }

    /// How often a second so many clients together declare and read.
    fileprivate func rate(_ clients: Int, _ time: Duration) async throws -> Double {
        var connections: [Connection] = []
        for _ in 0..<clients { connections.append(try await enter()) }
        let begun = ContinuousClock.now
        let reads = try await withThrowingTaskGroup(of: Int.self) { group in
            for connection in connections {
                group.addTask {
                    var reads = 0
                    while ContinuousClock.now < begun + time {
                        try await connection.query("SELECT piste.declare('users.read', 'users')")
                        let page = try await connection.query("SELECT * FROM users ORDER BY id LIMIT 20")
                        precondition(page.count == Self.users)
                        reads += 1
                    }
                    return reads
                }
            }
            return try await group.reduce(0, +)
        }
        let taken = (ContinuousClock.now - begun) / .seconds(1)
        for connection in connections { await connection.close() }
        return Double(reads) / taken
    }
}
