import Postgres

/// Queries of every shape, through windows that are shut.
enum WindowProbes {
    static let all: [Probe] = [
        Probe(
            .session, "shut-window", "No query looks through a window before the read is announced",
            attack: "EXPLAIN ANALYZE of \(WindowShapes.all.count) queries of every shape, undeclared",
            expected: ["0 rows"],
            control:
                "declared, they begin their scans; and undeclared some do (from PostgreSQL 16 on) without the "
                + "windows' line that keeps the gate first"
        ) { stage in
            let session = try await stage.entered(stage.impersonation())
            let shut = await looking(session)
            let bare = try await lookingBare(session)
            try await session.must("SELECT piste.declare('users.read', 'users,journeys,journey_steps')")
            let open = await looking(session)
            await session.close()
            return Probe.Result(
                answer: .rows(shut),
                control: .told("\(open) declared" + (bare.map { ", \($0) without the line" } ?? "")),
                holds: open > WindowShapes.all.count / 2 && bare != 0)
        }
    ]

    /// The same through windows without the line that their server's planner makes necessary; nil where it needs none.
    private static func lookingBare(_ session: ProbeSession) async throws -> Int? {
        let needed = await session.answer(
            "SELECT WHERE current_setting('server_version_num')::int >= 160000")
        guard needed == .rows(1) else { return nil }
        try await session.must("BEGIN")
        let stripped = try await session.must("SELECT piste.strip_probe_windows()").first?.int(0) ?? 0
        let count = stripped == 0 ? 0 : await looking(session, inTransaction: true)
        try await session.must("ROLLBACK")
        return count
    }

    /// How many of the queries begin a scan of a company's table, or end in an error that may speak of its rows.
    private static func looking(_ session: ProbeSession, inTransaction: Bool = false) async -> Int {
        var count = 0
        for shape in WindowShapes.all {
            if inTransaction { _ = await session.answer("SAVEPOINT shape") }
            let sql = shape.sql.replacing("acme.example", with: "probe.example")
            do {
                let plan = try await session.must(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql)
                let lines = try plan.map { row throws(PostgresError) in try row.string(0) }
                if lines.contains(where: isScan) { count += 1 }
            } catch {
                count += 1
            }
            if inTransaction { _ = await session.answer("ROLLBACK TO SAVEPOINT shape") }
        }
        return count
    }

    /// Whether a line of a plan is a scan of a company's table that was begun.
    private static func isScan(_ line: String) -> Bool {
        line.contains(#/Scan.* on (users|journeys|journey_steps)/#) && !line.contains("never executed")
    }
}
