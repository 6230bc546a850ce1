import Glibc
import LocalCluster
import Postgres
import Tenancy
import TestSupport

/// Prints what Piste costs beside plain PostgreSQL, on a cluster of its own with fsync on.
///
/// `swift run -c release benchmark [--only PART,…] [--seconds N] [--users N] [--records N] [--kills N] [COMPANIES …]`, by
/// default everything but the growth, the kills and the servers at 10 and at 1,000 companies. Figures are of one alternated
/// run; nothing is judged.
@main
enum Benchmark {
    static func main() async throws {
        let plan: Plan
        do {
            plan = try Plan(Array(CommandLine.arguments.dropFirst()))
        } catch {
            print(error.description)
            exit(2)
        }
        let folder = "/tmp/piste-benchmark-\(getpid())"
        mkdir(folder, 0o755)
        let cluster = LocalCluster(root: folder + "/cluster")
        var failed = false
        do {
            let running = try cluster.start { print($0) }
            try await measure(running, plan)
        } catch {
            print("failed: \(error)")
            failed = true
        }
        _ = try cluster.destroy()
        rmdir(folder)
        if failed { exit(1) }
    }

    private static func measure(_ running: RunningCluster, _ plan: Plan) async throws {
        let world = try await World(running)
        let report = Report()
        for level in plan.levels where !plan.atEachLevel.isEmpty {
            let begun = ContinuousClock.now
            let (create, raw) = try await world.provision(upTo: level)
            report.heading(
                "At \(level) companies (made in \((ContinuousClock.now - begun).components.seconds) s)")
            report.line("create a company", create, baseline: raw)
            for part in plan.atEachLevel { try await world.measure(part, plan, report) }
        }
        if plan.parts.contains(.rows) {
            report.heading("One company of \(plan.users) users")
            try await world.measure(.rows, plan, report)
        }
        if plan.parts.contains(.growth) {
            if world.companies == 0 { _ = try await world.provision(upTo: 1) }
            report.heading("A trail of \(plan.records) records")
            try await world.measure(.growth, plan, report)
        }
        try await world.close()
        if plan.parts.contains(.servers) { try await Servers.measure(plan, report) }
        if plan.parts.contains(.kills) { try await Kills.measure(plan, report) }
    }
}
