import Dispatch
import Glibc
import LocalCluster
import Postgres
import Tenancy
import TestSupport

/// Prints what Piste costs beside plain PostgreSQL, on a cluster of its own with fsync on.
///
/// `swift run -c release benchmark [COMPANIES …]`, by default at 24 and at 1,000 companies.
@main
enum Benchmark {
    static func main() async throws {
        let levels = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let folder = "/tmp/piste-benchmark-\(getpid())"
        mkdir(folder, 0o755)
        let cluster = LocalCluster(root: folder + "/cluster")
        let running = try cluster.start { print($0) }
        do {
            try await measure(running, levels: levels.isEmpty ? [24, 1000] : levels)
        } catch {
            print("failed: \(error)")
        }
        _ = try cluster.destroy()
        rmdir(folder)
    }

    private static func measure(_ running: RunningCluster, levels: [Int]) async throws {
        let world = try await World(running)
        let report = Report()
        for level in levels.sorted() {
            let (create, raw) = try await world.provision(upTo: level)
            report.heading("At \(level) companies")
            report.line("create a company", create, baseline: raw)
            let (switching, rawSwitch) = try await world.switchCompanies(times: 100)
            report.line("fresh token, enter, declare, first 50 users", switching, baseline: rawSwitch)
            let (opening, rawOpening) = try await world.openCompanies(times: 30)
            report.line("the same on a new connection", opening, baseline: rawOpening)
            let psql = try world.timePsql(times: 10)
            report.line("piste: first frame", try world.timeFirstFrame(times: 10), baseline: psql)
            report.line("piste: list of companies on screen", try world.timeList(times: 10), baseline: psql)
            let keys = try world.timeKeys(times: 200)
            report.line("piste: cursor down, key to settled", keys.samples)
            print("  bytes a cursor movement: \(keys.bytesPerKey)")
        }
        try await world.close()
    }
}
