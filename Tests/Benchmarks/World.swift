import Glibc
import LocalCluster
import Postgres
import Tenancy

/// A cluster with companies of 100 users each, operators, and beside them what plain PostgreSQL would use.
final class World {
    let running: RunningCluster
    let owner: Connection
    /// The superuser in the database beside it, which knows nothing of Piste.
    let plain: Connection
    let admin: TenancyClient
    private(set) var companies = 0
    var rawSchemas = 0

    init(_ running: RunningCluster) async throws {
        self.running = running
        owner = try await Connection.open(running.settings(user: RunningCluster.superuser))
        _ = try await EngineInstaller().install(on: owner)
        try await owner.run(script: "CREATE ROLE bench_raw LOGIN NOINHERIT")
        try await owner.run(script: "CREATE DATABASE \(Self.plainDatabase)")
        plain = try await Connection.open(
            running.settings(user: RunningCluster.superuser, database: Self.plainDatabase))
        try await plain.run(
            script: """
                CREATE TABLE public.bench_record (at timestamptz, what text);
                GRANT INSERT ON public.bench_record TO PUBLIC;
                """)
        for statement in [
            "SELECT piste.add_operator('bench_admin', 'admin')",
            "SELECT piste.add_operator('bench_shop', 'service')",
            "SELECT piste.add_operator('bench_sessions', 'service', true)",
        ] {
            _ = try await owner.query(statement)
        }
        admin = try await TenancyClient.connect(running.settings(user: "bench_admin"))
    }

    func close() async throws {
        await admin.close()
        await plain.close()
        await owner.close()
    }

    func measure(_ part: Plan.Part, _ plan: Plan, _ report: Report) async throws {
        switch part {
        case .switch: try await measureSwitching(report)
        case .service: try await measureServices(plan.seconds, report)
        case .changes: try await measureChanges(plan.seconds, report)
        case .adopted: try await measureAdopted(plan.seconds, report)
        case .memory: try await measureMemory(report)
        case .console: try measureConsole(report)
        case .prove: try measureProof(report)
        case .migrate: try await measureMigration(report)
        case .rows: try await measureRows(plan.users, report)
        case .growth: try await measureGrowth(plan.records, report)
        case .kills, .servers: break
        }
    }

    func connect(_ login: String) async throws -> Connection {
        try await Connection.open(running.settings(user: login))
    }

    /// The company of a turn, all over the place.
    func company(_ turn: Int) -> String { "company-\(1 + (turn * 7919) % companies)" }

    // MARK: Companies

    /// Creates companies until there are `count`, and raw schemas beside the last 20 of them, in turn; then as many raw
    /// schemas as companies are visited.
    func provision(upTo count: Int) async throws -> (piste: Samples, raw: Samples) {
        // The first two warm up the connections.
        let timed = min(20, max(1, count - companies - 2))
        try await build(companies + 1..<count - timed + 1)
        companies = max(companies, count - timed)
        var piste = Samples()
        var plain = Samples()
        _ = try await createRaw()
        while companies < count {
            companies += 1
            let begun = ContinuousClock.now
            try await Self.create(companies, admin)
            piste.add(ContinuousClock.now - begun)
            try await Self.fill("company-\(companies)", owner)
            plain.add(try await createRaw())
        }
        while rawSchemas < min(count, Self.visited) { _ = try await createRaw() }
        return (piste, plain)
    }

    private static func create(_ number: Int, _ admin: TenancyClient) async throws {
        _ = try await admin.createCompany(
            name: "Company \(number)", urlID: "company-\(number)", authProvider: "okta")
    }

    /// Two workers make companies that nobody times.
    private func build(_ numbers: Range<Int>) async throws {
        let running = running
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<2 {
                group.addTask {
                    let admin = try await TenancyClient.connect(running.settings(user: "bench_admin"))
                    let owner = try await Connection.open(running.settings(user: RunningCluster.superuser))
                    for number in numbers where number % 2 == worker {
                        try await Self.create(number, admin)
                        try await Self.fill("company-\(number)", owner)
                    }
                    await admin.close()
                    await owner.close()
                }
            }
            try await group.waitForAll()
        }
    }

    private static func fill(_ urlID: String, _ owner: Connection) async throws {
        let schema = try await owner.query(
            "SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(urlID)])
        guard let home = try schema.first?.string(0) else { return }
        try await owner.run(
            script: """
                BEGIN;
                SET LOCAL session_replication_role = replica;
                INSERT INTO \(home).users (email, name)
                SELECT 'u' || g || '@\(urlID).example', 'User ' || g FROM generate_series(1, 100) g;
                INSERT INTO \(home).journeys (user_id, name)
                SELECT g, 'Onboarding' FROM generate_series(1, 100) g;
                COMMIT;
                """)
    }
}
