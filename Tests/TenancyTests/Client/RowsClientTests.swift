import Postgres
import Tenancy
import TestSupport
import Testing

/// Users and journeys through the client: every order, both ways, with ties.
struct RowsClientTests {
    /// Seventeen users of whom many share name, status and moments, and journeys in the same manner.
    private func fill(_ world: EngineWorld) async throws {
        try await world.owner.query("DELETE FROM \(world.acme).users")
        try await world.owner.query(
            """
            INSERT INTO \(world.acme).users (id, email, name, status, role, created_at, last_seen_at)
            SELECT n, 'u' || (100 - n) || '@acme.example', (ARRAY['Ada', 'ada', 'Émile', '山田', 'Zoë%'])[1 + n % 5],
                (ARRAY['active', 'invited', 'suspended'])[1 + n % 3], (ARRAY['member', 'admin', 'Owner'])[1 + n % 3],
                timestamptz '2026-01-01 12:00:00.123456+00' + (n / 4) * interval '1 day',
                CASE WHEN n % 2 = 0 THEN timestamptz '2026-02-01 00:00:00.000001+00' + (n / 6) * interval '1 hour' END
            FROM generate_series(1, 17) AS n
            """)
        try await world.owner.query(
            """
            INSERT INTO \(world.acme).journeys (id, user_id, name, status, current_step, started_at, updated_at)
            SELECT n, 1 + n % 7, (ARRAY['Onboarding', 'Renewal'])[1 + n % 2],
                (ARRAY['running', 'stalled', 'done', 'cancelled'])[1 + n % 4], 1 + n % 3,
                timestamptz '2026-01-01 00:00+00' + (n / 3) * interval '1 day',
                timestamptz '2026-03-01 00:00:00.5+00' + (n / 5) * interval '1 minute'
            FROM generate_series(1, 17) AS n
            """)
    }

    @Test(arguments: User.Sort.allCases, [true, false])
    func pagesUsersBothWays(sort: User.Sort, ascending: Bool) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            let all = try await session.users(sort: sort, ascending: ascending, PageRequest(limit: 100)).rows
            #expect(Set(all.map(\.id)) == Set(1...17))
            let reversed = try await session.users(
                sort: sort, ascending: !ascending, PageRequest(limit: 100)
            ).rows
            #expect(reversed.map(\.id) == all.map(\.id).reversed())
            for limit in [1, 4, 17] {
                let (forward, backward) = try await walk(limit: limit, anchor: \User.keyset) { request in
                    try await session.users(sort: sort, ascending: ascending, request)
                }
                #expect(forward == all, "forward by \(limit)")
                #expect(backward == all, "backward by \(limit)")
            }
            // The anchor goes; its place in the order stays.
            let anchor = all[8]
            try await world.owner.query(
                "DELETE FROM \(world.acme).users WHERE id = $1", [.int(anchor.id)])
            for (place, expected) in [
                (.after(anchor.keyset), all[9...11]), (.from(anchor.keyset), all[9...11]),
                (.before(anchor.keyset), all[5...7]),
            ] as [(PageRequest<Keyset>.Place, ArraySlice<User>)] {
                let page = try await session.users(
                    sort: sort, ascending: ascending, PageRequest(place, limit: 3))
                #expect(page.rows.map(\.id) == expected.map(\.id), "\(place)")
                #expect(page.hasMore)
            }
            await session.leave()
        }
    }

    @Test(arguments: Journey.Sort.allCases, [true, false])
    func pagesJourneysBothWays(sort: Journey.Sort, ascending: Bool) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            let all = try await session.journeys(
                sort: sort, ascending: ascending, PageRequest(limit: 100)
            ).rows
            #expect(Set(all.map(\.id)) == Set(1...17))
            for limit in [1, 4, 17] {
                let (forward, backward) = try await walk(limit: limit, anchor: \Journey.keyset) { request in
                    try await session.journeys(sort: sort, ascending: ascending, request)
                }
                #expect(forward == all, "forward by \(limit)")
                #expect(backward == all, "backward by \(limit)")
            }
            let anchor = all[8]
            try await world.owner.query(
                "DELETE FROM \(world.acme).journeys WHERE id = $1", [.int(anchor.id)])
            let after = try await session.journeys(
                sort: sort, ascending: ascending, PageRequest(.after(anchor.keyset), limit: 3))
            #expect(after.rows == Array(all[9...11]))
            let before = try await session.journeys(
                sort: sort, ascending: ascending, PageRequest(.before(anchor.keyset), limit: 3))
            #expect(before.rows == Array(all[5...7]))
            await session.leave()
        }
    }

    @Test func findsWhatAListShowsWithAccentsOrWithout() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            try await world.owner.query(
                """
                INSERT INTO \(world.acme).journey_steps (journey_id, position, name, state)
                SELECT j.id, p, (ARRAY['Sign up', 'Invite Térm', 'Go live'])[p], 'waiting'
                FROM \(world.acme).journeys j, generate_series(1, 3) AS p
                """)
            let session = try await world.session()
            let users = try await session.users(PageRequest(limit: 100)).rows
            func expect(_ typed: String, _ fits: (User) -> Bool) async throws {
                let found = try await session.users(matching: typed, PageRequest(limit: 100)).rows
                let wanted = users.filter(fits)
                #expect(found == wanted, "\(typed)")
                #expect(!found.isEmpty || typed.hasSuffix("none"), "\(typed)")
            }
            try await expect("emile") { $0.name == "Émile" }
            try await expect("ZOE") { $0.name == "Zoë%" }
            try await expect("suspended") { $0.status == .suspended }
            try await expect("!suspended") { $0.status != .suspended }
            try await expect("status:susp") { $0.status == .suspended }
            try await expect("role:owner") { $0.role == "Owner" }
            try await expect("!role:owner status:inv") { $0.role != "Owner" && $0.status == .invited }
            try await expect("role:owner ada") { $0.role == "Owner" && $0.name.lowercased() == "ada" }
            try await expect("name:zoe%") { $0.name == "Zoë%" }
            try await expect("status:none") { _ in false }
            let journeys = try await session.journeys(PageRequest(limit: 100)).rows
            for (typed, fits) in [
                ("stalled", { $0.status == .stalled }), ("!stalled", { $0.status != .stalled }),
                ("status:stalled renewal", { $0.status == .stalled && $0.name == "Renewal" }),
                ("step:term", { $0.currentStep == 2 }), ("!step:term", { $0.currentStep != 2 }),
                ("user:emile", { $0.userName == "Émile" }), ("emile", { $0.userName == "Émile" }),
                ("status:done step:live", { $0.status == .done && $0.currentStep == 3 }),
            ] as [(String, (Journey) -> Bool)] {
                let found = try await session.journeys(matching: typed, PageRequest(limit: 100)).rows
                #expect(found == journeys.filter(fits), "\(typed)")
            }
            await session.leave()
        }
    }

    @Test func filters() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            for (filter, count) in [
                ("ada", 7), ("ADA", 7), ("émile", 4), ("山", 3), ("%", 3), ("_", 0), ("u99@", 1),
                ("@acme.example", 17),
                ("\\", 0), ("'; DROP TABLE users", 0),
            ] {
                let page = try await session.users(matching: filter, PageRequest(limit: 100))
                #expect(page.rows.count == count, "\(filter)")
            }
            #expect(try await session.journeys(status: .stalled, PageRequest(limit: 100)).rows.count == 5)
            #expect(
                try await session.journeys(of: 2, PageRequest(limit: 100)).rows.allSatisfy { $0.userID == 2 })
            let named = try await session.journeys(
                matching: "renewal", status: .stalled, PageRequest(limit: 100)
            ).rows
            #expect(named.count == 5)
            let byUser = try await session.journeys(matching: "山田", PageRequest(limit: 100)).rows
            #expect(!byUser.isEmpty && byUser.allSatisfy { $0.userName == "山田" })
            #expect(try await session.user(3)?.email == "u97@acme.example")
            #expect(try await session.user(3_000) == nil)
            #expect(try await session.journey(3_000) == nil)
            #expect(try await session.steps(of: []).isEmpty)
            // The declaration says what was asked for.
            let record = try await world.lastRecord("journeys.read", in: world.acme)
            #expect(record.contains("3000"))
            await session.leave()
        }
    }

    /// Inverse filters and regular expressions: the rows, and both ends of the list, with nothing twice and nothing lost.
    @Test(arguments: [
        ("!ada", 10), ("!u9", 7), ("!@acme.example", 0), ("/^ada$/", 7), ("/^(ada|zo.%)$/", 10),
        ("!/^ada$/", 10),
        ("/^u9\\d@/", 10), ("/É/", 4), ("!/É/", 13), ("/nobody/", 0), ("!/nobody/", 17), ("!", 17), ("/", 17),
        ("\\!", 0),
    ])
    func findsInverselyAndByExpression(filter: String, count: Int) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            for (sort, ascending) in [(User.Sort.name, true), (.status, false)] {
                let all = try await session.users(sort: sort, ascending: ascending, PageRequest(limit: 100))
                    .rows
                let (forward, backward) = try await walk(limit: 4, anchor: \User.keyset) { request in
                    try await session.users(matching: filter, sort: sort, ascending: ascending, request)
                }
                #expect(forward.count == count)
                #expect(forward == backward)
                // What a filter admits here is what PostgreSQL found.
                let admitted = try all.filter { try Filter(filter).admits([$0.name, $0.email]) }
                #expect(forward == admitted)
            }
            await session.leave()
        }
    }

    @Test(arguments: [
        "!renewal", "/^ren/", "!/^ren/", "!ada", "/^u9[5-7]@/", "!/zoë|ada/", "renewal", "ada", "zoë%",
    ])
    func findsJourneysInEveryOrder(filter: String) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            let emails = try await session.users(PageRequest(limit: 100)).rows.reduce(into: [:]) {
                $0[$1.id] = $1.email
            }
            for sort in Journey.Sort.allCases {
                let all = try await session.journeys(sort: sort, ascending: true, PageRequest(limit: 100))
                    .rows
                let (forward, backward) = try await walk(limit: 4, anchor: \Journey.keyset) { request in
                    try await session.journeys(matching: filter, sort: sort, ascending: true, request)
                }
                let admitted = try all.filter {
                    try Filter(filter).admits([$0.name, $0.userName, $0.userID.flatMap { emails[$0] }])
                }
                #expect(!admitted.isEmpty && admitted.count < all.count)
                #expect(forward == admitted, "\(sort)")
                #expect(backward == admitted, "\(sort)")
            }
            await session.leave()
        }
    }

    /// The table is locked, so that the search takes as long as it may.
    @Test(arguments: ["/x/", "!x"])
    func aSearchThatTakesTooLongIsToldClearly(filter: String) async throws {
        try await EngineWorld.run { world in
            let session = try await world.session()
            try await world.owner.query("BEGIN")
            try await world.owner.query("LOCK TABLE \(world.acme).users IN ACCESS EXCLUSIVE MODE")
            let error = await failure { () throws(TenancyError) in
                _ = try await session.users(matching: filter)
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.message.contains("a plain text is found by index") == true)
            try await world.owner.query("ROLLBACK")
            #expect(try await session.users(matching: "user 1").rows.count == 11)
            await session.leave()
        }
    }

    @Test func aBadExpressionIsRefusedBeforeAnythingIsDeclared() async throws {
        try await EngineWorld.run { world in
            let session = try await world.session()
            let before = try await world.owner.number(
                "SELECT count(*) FROM piste_test.trail('\(world.acme)')")
            let error = await failure { () throws(TenancyError) in
                _ = try await session.users(matching: "/(/")
            }
            #expect(error?.code == .invalid)
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste_test.trail('\(world.acme)')")
                    == before)
            _ = try await session.users(matching: "!/x/")
            // What was looked for may be what was found: it is kept with the values.
            #expect(try await !world.lastRecord("users.read", in: world.acme).contains("!/x/"))
            let kept = try await world.owner.value(
                "SELECT piste_test.recorded(e) ->> 'filter' FROM piste_test.trail('\(world.acme)') e WHERE action = 'users.read' ORDER BY id DESC LIMIT 1"
            )
            #expect(kept == "!/x/")
            await session.leave()
        }
    }

    @Test func countsAndSumsUp() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            try await world.owner.query(
                "UPDATE \(world.acme).users SET created_at = now() - interval '40 days'")
            try await world.owner.query("UPDATE \(world.acme).users SET created_at = now() WHERE id <= 3")
            try await world.owner.query(
                """
                INSERT INTO \(world.acme).journey_steps (journey_id, position, name, entered_at)
                SELECT j, p, 'step ' || p, CASE WHEN j % 3 >= p - 1 THEN now() END
                FROM generate_series(1, 6) AS j, generate_series(1, 3) AS p
                """)
            let session = try await world.session()
            let overview = try await session.overview()
            #expect(overview.usersByStatus == [.active: 5, .invited: 6, .suspended: 6])
            #expect(overview.journeysByStatus == [.running: 4, .stalled: 5, .done: 4, .cancelled: 4])
            #expect(overview.signUps.count == 28)
            #expect(overview.signUps.last == 3)
            #expect(overview.signUps.reduce(0, +) == 3)
            #expect(overview.funnels.map(\.name) == ["Onboarding", "Renewal"])
            #expect(overview.funnels.flatMap { $0.steps.map(\.name) }.count == 6)
            try await world.owner.query("ANALYZE \(world.acme).users")
            let count = try await session.estimatedUsers()
            #expect(count.value == 17)
            #expect(try await session.steps(of: [1, 2]).map(\.position) == [1, 2, 3, 1, 2, 3])
            await session.leave()
        }
    }

    @Test func twoSessionsSideBySideSeeTheirOwn() async throws {
        try await EngineWorld.run { world in
            async let first = world.session("acme")
            async let second = world.session("globex")
            let (acme, globex) = try await (first, second)
            for _ in 0..<10 {
                async let ours = acme.users(PageRequest(limit: 100))
                async let theirs = globex.users(PageRequest(limit: 100))
                let (mine, others) = try await (ours.rows, theirs.rows)
                #expect(mine.count == EngineWorld.users)
                #expect(mine.allSatisfy { $0.email.hasSuffix("@acme.example") })
                #expect(others.count == EngineWorld.users)
                #expect(others.allSatisfy { $0.email.hasSuffix("@globex.example") })
            }
            #expect(acme.context.urlID == "acme")
            #expect(globex.context.companyName == "Globex")
            await acme.leave()
            #expect(try await globex.users().rows.count == EngineWorld.users)
            await globex.leave()
        }
    }
}
