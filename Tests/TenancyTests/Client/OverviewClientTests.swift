import Postgres
import Tenancy
import TestSupport
import Testing

/// The overview's figures, compared with what plain SQL counts past the gate; and that nothing is told without a declaration.
struct OverviewClientTests {
    /// Users of forty days, journeys of three names whose users come further or less far.
    private func fill(_ world: EngineWorld, users: Int, journeys: Int) async throws {
        try await world.owner.run(
            script: """
                SET session_replication_role = replica;
                DELETE FROM \(world.acme).journeys;
                DELETE FROM \(world.acme).users;
                INSERT INTO \(world.acme).users (id, email, name, status, created_at)
                SELECT n, 'u' || n || '@acme.example', 'User ' || n,
                    (ARRAY['active', 'active', 'active', 'invited', 'suspended'])[1 + n % 5],
                    now() - (n * 7919 % 400) * interval '1 day'
                FROM generate_series(1, \(users)) AS n;
                INSERT INTO \(world.acme).journeys (id, user_id, name, status, started_at, updated_at)
                SELECT n, 1 + n * 31 % \(users), (ARRAY['Onboarding', 'Onboarding', 'Renewal', 'Überprüfung'])[1 + n % 4],
                    (ARRAY['running', 'stalled', 'done', 'done', 'cancelled'])[1 + n / 4 % 5], now(), now()
                FROM generate_series(1, \(journeys)) AS n;
                INSERT INTO \(world.acme).journey_steps (journey_id, position, name, state, entered_at)
                SELECT j.id, p, CASE WHEN j.id % 97 = 0 THEN 'odd' ELSE 'step ' || p END,
                    CASE WHEN j.status = 'stalled' AND p = 1 + j.id % 3 THEN 'stalled' ELSE 'done' END,
                    CASE WHEN p <= 1 + j.id % 3 THEN now() END
                FROM \(world.acme).journeys j, generate_series(1, 3) AS p;
                RESET session_replication_role;
                """)
    }

    private func counts(_ world: EngineWorld, _ sql: String) async throws -> [String: Int] {
        try await world.owner.query(sql).reduce(into: [:]) { $0[try $1.string(0)] = try $1.int(1) }
    }

    private func byDay(_ world: EngineWorld, days: Int, _ from: String) async throws -> [Int] {
        try await world.owner.query(
            """
            SELECT (SELECT count(*) FROM \(from) AND r.moment::date = current_date - n) FROM generate_series(0, \(days - 1)) n
            ORDER BY n DESC
            """
        ).map { try $0.int(0) }
    }

    @Test func countsWhatPlainSQLCounts() async throws {
        try await EngineWorld.run { world in
            try await fill(world, users: 3000, journeys: 900)
            let session = try await world.session()
            let overview = try await session.overview()
            #expect(overview.usersAreExact && overview.signUpsAreExact && overview.journeysAreExact)
            let users = try await counts(
                world, "SELECT status, count(*) FROM \(world.acme).users GROUP BY 1")
            for (status, count) in overview.usersByStatus { #expect(users[status.rawValue] == count) }
            #expect(overview.usersByStatus.values.reduce(0, +) == 3000)
            let journeys = try await counts(
                world, "SELECT status, count(*) FROM \(world.acme).journeys GROUP BY 1")
            for (status, count) in overview.journeysByStatus { #expect(journeys[status.rawValue] == count) }
            #expect(overview.journeysByStatus.values.reduce(0, +) == 900)
            #expect(
                try await overview.signUps
                    == byDay(
                        world, days: 28,
                        "(SELECT created_at AS moment FROM \(world.acme).users) r WHERE true"))
            let months = try await world.owner.query(
                """
                SELECT (SELECT count(*) FROM \(world.acme).users
                    WHERE date_trunc('month', created_at) = date_trunc('month', current_date - n * interval '1 month'))
                FROM generate_series(0, 11) n ORDER BY n DESC
                """
            ).map { try $0.int(0) }
            #expect(overview.signUpsByMonth.dropLast() == months.dropLast())

            #expect(overview.funnels.map(\.name) == ["Onboarding", "Renewal", "Überprüfung"])
            for funnel in overview.funnels {
                let plain = try await world.owner.query(
                    """
                    SELECT s.position, count(DISTINCT j.user_id) FILTER (WHERE s.entered_at IS NOT NULL),
                        count(DISTINCT j.user_id) FILTER (WHERE s.state = 'stalled'),
                        (SELECT count(DISTINCT user_id) FROM \(world.acme).journeys WHERE name = $1)
                    FROM \(world.acme).journeys j JOIN \(world.acme).journey_steps s ON s.journey_id = j.id
                    WHERE j.name = $1 GROUP BY 1 ORDER BY 1
                    """, [.text(funnel.name)])
                #expect(funnel.steps.map(\.position) == (try plain.map { try $0.int(0) }))
                #expect(funnel.steps.map(\.reached) == (try plain.map { try $0.int(1) }))
                #expect(funnel.steps.map(\.stuck) == (try plain.map { try $0.int(2) }))
                #expect(funnel.users == (try plain[0].int(3)))
                #expect(funnel.steps.map(\.name) == ["step 1", "step 2", "step 3"], "the name most give it")
                #expect(funnel.steps.contains { $0.stuck > 0 })
            }
            // What was read is on record, before it was read.
            let record = try await world.lastRecord("overview.read", in: world.acme)
            #expect(record.contains("users,journeys,journey_steps,audit"))
            await session.leave()
        }
    }

    @Test func estimatesFromEverySoManythRowOfALargeCompany() async throws {
        try await EngineWorld.run { world in
            try await fill(world, users: 60_000, journeys: 40_000)
            // Ids with gaps: rows that are gone stand for nothing.
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    DELETE FROM \(world.acme).users WHERE id BETWEEN 20000 AND 29999;
                    RESET session_replication_role;
                    """)
            let session = try await world.session()
            let overview = try await session.overview()
            #expect(!overview.usersAreExact && !overview.journeysAreExact)
            func expectClose(_ estimate: Int, _ truth: Int, _ what: String) {
                #expect(abs(estimate - truth) <= max(200, truth / 8), "\(what): \(estimate) for \(truth)")
            }
            let users = try await counts(
                world, "SELECT status, count(*) FROM \(world.acme).users GROUP BY 1")
            for status in [User.Status.active, .invited, .suspended] {
                expectClose(
                    overview.usersByStatus[status] ?? 0, users[status.rawValue] ?? 0, status.rawValue)
            }
            let journeys = try await counts(
                world, "SELECT status, count(*) FROM \(world.acme).journeys GROUP BY 1")
            for status in Journey.Status.allCases {
                expectClose(
                    overview.journeysByStatus[status] ?? 0, journeys[status.rawValue] ?? 0, status.rawValue)
            }
            // So few lie in the last days that they are counted.
            #expect(overview.signUpsAreExact)
            #expect(
                try await overview.signUps
                    == byDay(
                        world, days: 28,
                        "(SELECT created_at AS moment FROM \(world.acme).users) r WHERE true"))
            let onboarding = try #require(overview.funnels.first { $0.name == "Onboarding" })
            #expect(onboarding.steps.map(\.reached) == onboarding.steps.map(\.reached).sorted(by: >))
            #expect(onboarding.steps[0].reached > 10_000)
            // The same rows each time: a figure that changes has a reason.
            var again = try await session.overview()
            again.forgetAudit()
            var first = overview
            first.forgetAudit()
            #expect(first == again)
            await session.leave()
        }
    }

    @Test func estimatesTheDaysToo() async throws {
        try await EngineWorld.run { world in
            try await fill(world, users: 30_000, journeys: 10)
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    UPDATE \(world.acme).users SET created_at = now() - (id % 20) * interval '1 day';
                    RESET session_replication_role;
                    """)
            let session = try await world.session()
            let overview = try await session.overview()
            #expect(!overview.signUpsAreExact)
            #expect(overview.signUps.prefix(8).allSatisfy { $0 == 0 })
            let total = overview.signUps.reduce(0, +)
            #expect((27_000...33_000).contains(total), "\(total)")
            await session.leave()
        }
    }

    // MARK: The trail

    /// A trail of `records` over forty days, from four actors.
    private func fillTrail(_ world: EngineWorld, records: Int) async throws {
        try await world.owner.run(
            script: """
                SET session_replication_role = replica;
                DELETE FROM piste_test.\(world.acme);
                INSERT INTO piste.entry (company, seq, at, actor, action, resource, hash)
                SELECT (SELECT company FROM piste_test.head_\(world.acme)), n, now() - (\(records) - n) * (interval '40 days' / \(records)),
                    (ARRAY['ann', 'ann', 'ben', 'cid'])[1 + n % 4], (ARRAY['users.read', 'journeys.read', 'users.read'])[1 + n % 3],
                    'users', sha256('')
                FROM generate_series(1, \(records)) n;
                UPDATE piste_test.head_\(world.acme) SET seq = \(records);
                RESET session_replication_role;
                """)
    }

    @Test(arguments: [1, 700, 30_000])
    func theTrailIsCounted(records: Int) async throws {
        try await EngineWorld.run { world in
            try await fillTrail(world, records: records)
            let session = try await world.session()
            let audit = try await session.overview().audit
            #expect(
                try await audit.days
                    == byDay(
                        world, days: 28,
                        "(SELECT at AS moment FROM piste_test.trail('\(world.acme)')) r WHERE true"))
            let inDays = "FROM piste_test.trail('\(world.acme)') WHERE at >= current_date - 27"
            let kinds = try await counts(world, "SELECT action, count(*) \(inDays) GROUP BY 1")
            let actors = try await counts(world, "SELECT actor, count(*) \(inDays) GROUP BY 1")
            #expect(audit.isExact == (records < 4000))
            for (shares, truth) in [(audit.kinds, kinds), (audit.actors, actors)] {
                if audit.isExact {
                    #expect(shares.count == truth.count)
                    for share in shares { #expect(truth[share.name] == share.records) }
                } else {
                    for (name, count) in truth where count > 1000 {
                        let share = try #require(shares.first { $0.name == name })
                        #expect(abs(share.records - count) <= count / 8, "\(name)")
                    }
                }
                #expect(shares.map(\.records) == shares.map(\.records).sorted(by: >))
            }
            // Whoever only sees the list is told the days' counts, and nothing else.
            let carol = try await world.client(world.carol)
            #expect(try await carol.activity(of: "acme") == audit.days)
            #expect(try await carol.activity(of: "nobody").isEmpty)
            await carol.close()
            await session.leave()
        }
    }

    @Test func nothingIsToldWithoutADeclaration() async throws {
        try await EngineWorld.run { world in
            let outside = try await world.connect(world.bob)
            #expect(await outside.sqlState("SELECT * FROM piste.audit_figures()") == "PT401")
            await outside.close()

            let (inside, jti) = try await world.inside("acme", as: world.alice)
            #expect(await inside.sqlState("SELECT * FROM piste.audit_figures()") == "PT409")
            try await inside.declare("users")
            #expect(
                await inside.sqlState("SELECT * FROM piste.audit_figures()") == "PT409",
                "another declaration is not enough")
            // In the transaction of the declaration itself it is not committed yet.
            try await inside.run(script: "BEGIN")
            try await inside.declare("audit")
            #expect(await inside.sqlState("SELECT * FROM piste.audit_figures()") == "PT409")
            try await inside.run(script: "ROLLBACK")
            try await inside.declare("audit")
            #expect(
                try await inside.number("SELECT count(*) FROM piste.audit_figures() WHERE kind = 'day'") == 28
            )
            for days in ["0", "401", "NULL"] {
                #expect(await inside.sqlState("SELECT * FROM piste.audit_figures(\(days))") == "PT400")
                #expect(await inside.sqlState("SELECT * FROM piste.audit_days('acme', \(days))") == "PT400")
            }
            // The helpers are the engine's own.
            #expect(await inside.sqlState("SELECT piste.audit_days_of(gen_random_uuid(), 3)") == "42501")
            try await world.expire(jti)
            #expect(await inside.sqlState("SELECT * FROM piste.audit_figures()") == "PT410")
            await inside.close()

            // The rows of the tables stay behind the gate whatever was asked of the figures.
            let (reader, _) = try await world.inside("acme", as: world.alice)
            try await reader.declare("audit")
            #expect(try await reader.count("users") == 0)
            await reader.close()
        }
    }
}

extension Overview {
    /// Leaves out what each reading adds to.
    fileprivate mutating func forgetAudit() { audit = AuditFigures() }
}
