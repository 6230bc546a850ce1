import Postgres

/// What it costs an application that its database was adopted and guarded from people: it goes on with its own login and tables.
extension World {
    private static let tenants = 20

    /// The same statements of the same application on the same tables, in turn before the adoption, after it, with its changes
    /// recorded, and released again.
    func measureAdopted(_ seconds: Int, _ report: Report) async throws {
        try await makeSite()
        var (reads, writes) = (
            (before: [Double](), people: [Double]()), (before: [Double](), people: [Double]())
        )
        var recorded: [Double] = []
        func rate(_ sql: String) async throws -> Double {
            try await round(seconds, as: "bench_site") { try await Self.goOn($0, sql, $1) }.perSecond
        }
        for _ in 0..<3 {
            reads.before.append(try await rate(Self.page))
            writes.before.append(try await rate(Self.touch))
            try await onEachTenant("adopt($1, $1, $1)")
            reads.people.append(try await rate(Self.page))
            writes.people.append(try await rate(Self.touch))
            try await onEachTenant("adopt($1, $1, $1, map => '{\"record\": true}')")
            recorded.append(try await rate(Self.touch))
            try await onEachTenant("release($1, $1)")
        }
        report.figure(
            "an application reads 50 rows after its database was adopted, a second", reads.people.middle,
            baseline: reads.before.middle)
        report.figure("  it updates a row", writes.people.middle, baseline: writes.before.middle)
        report.figure("  its changes are recorded", recorded.middle, baseline: writes.before.middle)
        report.note(
            "8 connections, \(Self.tenants) tenants guarded from people. Baseline: the same application before"
        )
        try await owner.run(
            script: (1...Self.tenants).map { "DROP SCHEMA \(Self.tenant($0)) CASCADE;" }.joined(
                separator: "\n"))
    }

    private static let touch =
        "UPDATE users SET role = 'r' || (random() * 1000)::int WHERE id = 1 + (random() * 99)::int"

    private static func tenant(_ number: Int) -> String { "site\(number)" }

    private func makeSite() async throws {
        try await owner.run(
            script: """
                DO $$ BEGIN CREATE ROLE bench_site LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                """)
        for number in 1...Self.tenants {
            let home = Self.tenant(number)
            try await owner.run(
                script: """
                    CREATE SCHEMA \(home) AUTHORIZATION bench_site;
                    SET ROLE bench_site;
                    CREATE TABLE \(home).users (
                        id serial PRIMARY KEY, email text NOT NULL, name text NOT NULL, role text NOT NULL DEFAULT 'member',
                        status text NOT NULL DEFAULT 'active', created_at timestamptz NOT NULL DEFAULT now(),
                        last_seen_at timestamptz);
                    INSERT INTO \(home).users (email, name)
                    SELECT 'u' || g || '@\(home).example', 'User ' || g FROM generate_series(1, 100) g;
                    RESET ROLE;
                    """)
        }
    }

    private func onEachTenant(_ call: String) async throws {
        for number in 1...Self.tenants {
            let answer = try await owner.query(
                "SELECT refusal FROM piste.\(call)", [.text(Self.tenant(number))])
            let isDone = try answer[0].isNull(0)
            precondition(isDone)
        }
    }

    private static func goOn(
        _ place: Place, _ sql: String, _ end: ContinuousClock.Instant
    ) async throws -> Throughput {
        var sum = Throughput()
        while ContinuousClock.now < end {
            try await place.connection.run(
                script: "SET search_path TO \(tenant(Int.random(in: 1...tenants)))")
            _ = try await place.connection.query(sql)
            sum.reads += 1
        }
        return sum
    }
}
