import Postgres

/// Queries of every shape, through windows that are shut.
enum WindowProbes {
    static let all: [Probe] = [
        Probe(
            .session, "shut-window", "No query looks through a window before the read is announced",
            attack: "EXPLAIN ANALYZE of \(WindowShapes.all.count) queries of every shape, undeclared",
            expected: ["0 rows"], control: "declared, they begin their scans"
        ) { stage in
            let session = try await stage.entered(stage.impersonation())
            let shut = await looking(session)
            try await session.must("SELECT piste.declare('users.read', 'users,journeys,journey_steps')")
            let open = await looking(session)
            await session.close()
            return Probe.Result(
                answer: .rows(shut), control: .rows(open), holds: open > WindowShapes.all.count / 2)
        }
    ]

    /// How many of the queries begin a scan of a company's table, or end in an error that may speak of its rows.
    private static func looking(_ session: ProbeSession) async -> Int {
        var count = 0
        for shape in WindowShapes.all {
            let sql = shape.sql.replacing("acme.example", with: "probe.example")
            do {
                let plan = try await session.must(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql)
                let lines = try plan.map { row throws(PostgresError) in try row.string(0) }
                if lines.contains(where: isScan) { count += 1 }
            } catch {
                count += 1
            }
        }
        return count
    }

    /// Whether a line of a plan is a scan of a company's table that was begun.
    private static func isScan(_ line: String) -> Bool {
        line.contains(#/Scan.* on (users|journeys|journey_steps)/#) && !line.contains("never executed")
    }
}
