import Glibc
import LocalCluster
import Postgres
import Tenancy

/// A cluster with companies of 100 users each, operators, and beside them what plain PostgreSQL would use.
final class World {
    let running: RunningCluster
    let owner: Connection
    let admin: TenancyClient
    private(set) var companies = 0
    private(set) var rawSchemas = 0

    init(_ running: RunningCluster) async throws {
        self.running = running
        owner = try await Connection.open(running.settings(user: RunningCluster.superuser))
        _ = try await EngineInstaller().install(on: owner)
        try await owner.run(script: "CREATE ROLE bench_raw LOGIN NOINHERIT")
        for statement in [
            "SELECT piste.add_operator('bench_admin', 'admin')",
            "SELECT piste.add_operator('bench_shop', 'service')",
            "GRANT CONNECT ON DATABASE piste TO bench_raw",
            "CREATE TABLE public.bench_record (at timestamptz, what text)",
            "GRANT INSERT ON public.bench_record TO PUBLIC",
        ] {
            _ = try await owner.query(statement)
        }
        admin = try await TenancyClient.connect(running.settings(user: "bench_admin"))
    }

    func close() async throws {
        await admin.close()
        await owner.close()
    }

    func measure(_ part: Plan.Part, _ plan: Plan, _ report: Report) async throws {
        switch part {
        case .switch: try await measureSwitching(report)
        case .service: try await measureServices(plan.seconds, report)
        case .memory: try await measureMemory(report)
        case .console: try measureConsole(report)
        case .prove: try measureProof(report)
        case .migrate: try await measureMigration(report)
        case .rows: try await measureRows(plan.users, report)
        }
    }

    func connect(_ login: String) async throws -> Connection {
        try await Connection.open(running.settings(user: login))
    }

    /// The company of a turn, all over the place.
    func company(_ turn: Int) -> String { "company-\(1 + (turn * 7919) % companies)" }

    // MARK: Companies

    /// Creates companies until there are `count`, and raw schemas beside the last 20 of them, in turn.
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

    /// The least a schema for a tenant takes: schema, role, two tables, grants by name, in one transaction.
    private func createRaw() async throws -> Duration {
        rawSchemas += 1
        let name = "raw_\(rawSchemas)"
        let begun = ContinuousClock.now
        try await owner.run(
            script: """
                BEGIN;
                CREATE SCHEMA \(name);
                CREATE ROLE \(name) NOLOGIN;
                CREATE TABLE \(name).users (
                    id serial PRIMARY KEY, email text NOT NULL, name text NOT NULL, role text NOT NULL DEFAULT 'member',
                    status text NOT NULL DEFAULT 'active', created_at timestamptz NOT NULL DEFAULT now(),
                    last_seen_at timestamptz);
                CREATE TABLE \(name).journeys (
                    id serial PRIMARY KEY, user_id int NOT NULL REFERENCES \(name).users, name text NOT NULL,
                    status text NOT NULL, step int NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
                CREATE INDEX ON \(name).journeys (user_id);
                GRANT USAGE ON SCHEMA \(name) TO \(name);
                GRANT SELECT, INSERT, UPDATE, DELETE ON \(name).users, \(name).journeys TO \(name);
                COMMIT;
                """)
        let taken = ContinuousClock.now - begun
        try await owner.run(
            script: """
                INSERT INTO \(name).users (email, name)
                SELECT 'u' || g || '@\(name).example', 'User ' || g FROM generate_series(1, 100) g;
                GRANT \(name) TO bench_raw;
                """)
        return taken
    }
}
