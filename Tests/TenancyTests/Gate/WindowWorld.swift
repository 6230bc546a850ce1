import Postgres
import TestSupport
import Testing

/// A world whose first company has so many rows that every kind of plan is worth something, and somebody in it who could read,
/// lock and change.
struct WindowWorld {
    let world: EngineWorld
    /// Alice, who impersonates: whatever keeps her out is the gate alone.
    let alice: Connection
    let jti: String
    /// The server's version, as 150018.
    let version: Int

    static let users = 2000
    static let everything = "users,journeys,journey_steps"

    static func run(on server: TestServer, _ body: (WindowWorld) async throws -> Void) async throws {
        try await EngineWorld.run(on: server) { world in
            let home = world.acme
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    INSERT INTO \(home).users (email, name, role, last_seen_at)
                    SELECT 'n' || n || '@acme.example', 'Name ' || n, 'role ' || n % 7, now() - n * interval '1 hour'
                    FROM generate_series(\(EngineWorld.users + 1), \(users)) AS n;
                    INSERT INTO \(home).journeys (user_id, name) SELECT n, 'Journey ' || n FROM generate_series(1, 500) AS n;
                    INSERT INTO \(home).journey_steps (journey_id, position, name)
                    SELECT n, 1, 'Step ' || n FROM generate_series(1, 500) AS n;
                    RESET session_replication_role;
                    ANALYZE \(home).users, \(home).journeys, \(home).journey_steps;
                    """)
            let (alice, jti) = try await world.inImpersonation("acme", as: world.alice)
            try await body(
                WindowWorld(
                    world: world, alice: alice, jti: jti,
                    version: try await world.owner.number("SELECT current_setting('server_version_num')::int")
                ))
            await alice.close()
        }
    }

    /// What a query did to the tables behind the windows: the scans that were begun, PostgreSQL's own counters, and errors,
    /// which may speak of rows.
    func touched(by sql: String, _ settings: String = "") async throws -> [String] {
        try await alice.run(script: "BEGIN; \(settings)")
        let before = try await alice.value(counters)
        var found: [String] = []
        do {
            let plan = try await alice.query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql)
            found = try plan.map { try $0.string(0) }.filter { line in
                line.contains(#/Scan.* on (users|journeys|journey_steps)/#)
                    && !line.contains("never executed")
            }
            let after = try await alice.value(counters)
            if after != before { found.append("counters: \(before), \(after)") }
        } catch let error as PostgresError {
            found = ["\(error)"]
        }
        try await alice.run(script: "ROLLBACK")
        return found
    }

    /// Sequential and index scans of this transaction, and the rows that they gave.
    private var counters: String {
        """
        SELECT concat_ws(' ', sum(seq_scan), sum(seq_tup_read), sum(idx_scan), sum(idx_tup_fetch))
        FROM pg_stat_xact_user_tables WHERE schemaname = '\(world.acme)'
        """
    }
}
