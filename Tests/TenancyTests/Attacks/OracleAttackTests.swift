import Postgres
import TestSupport
import Testing

/// Attacks that read by asking questions: errors, conflicts, keys, plans, notices, and what others are doing.
struct OracleAttackTests {
    @Test("N21: No error speaks of a row behind a shut gate")
    func errors() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let probes = [
                ("SELECT 1 / (id - 7) FROM users", "22012"), ("SELECT email::integer FROM users", "22P02"),
                ("SELECT FROM users WHERE 1 / (id - 7) > 0", "22012"),
                ("SELECT FROM users WHERE email::integer > 0", "22P02"),
            ]
            for (sql, _) in probes { #expect(await alice.sqlState(sql) == nil, "\(sql)") }
            for (sql, state) in probes {
                try await alice.declare()
                #expect(await alice.sqlState(sql) == state, "\(sql)")
            }
            await alice.close()
        }
    }

    @Test("N22: No operator judges a row for somebody outside, and none claims to be LEAKPROOF")
    func operators() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let search = "SELECT count(*) FROM users WHERE search_text LIKE '%user 7%'"
            let broken = [
                ("search_text LIKE $1", "%\\", "22025"), ("name ~ ($1 || left(name, 0))", "(", "2201B"),
                ("email < $1", "x", nil),
            ]
            #expect(try await alice.number(search) == 0)
            for (condition, value, _) in broken {
                let sql = "SELECT count(*) FROM users WHERE \(condition)"
                #expect(await alice.sqlState(sql, [.text(value)]) == nil, "\(condition)")
            }
            try await alice.declare()
            #expect(try await alice.number(search) == 1)
            for (condition, value, state) in broken {
                let sql = "SELECT count(*) FROM users WHERE \(condition)"
                #expect(await alice.sqlState(sql, [.text(value)]) == state, "\(condition)")
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_proc WHERE proleakproof AND pronamespace = 'piste'::regnamespace"
                ) == 0)
            await alice.close()
        }
    }

    @Test("42, N23: Neither a conflict nor a foreign key tells whether a row exists")
    func conflictsAndKeys() async throws {
        try await EngineWorld.underAttack { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            let insert = "INSERT INTO users (email, name) VALUES ($1, 'x')"
            for email in ["u1@acme.example", "new@acme.example", "u1@globex.example"] {
                for tail in [
                    "", " ON CONFLICT DO NOTHING",
                    " ON CONFLICT (email) DO UPDATE SET name = 'y' RETURNING email",
                ] {
                    #expect(await shop.sqlState(insert + tail, [.text(email)]) == "PT403", "\(email)\(tail)")
                }
            }
            for user in [1, 9_999_999] {
                #expect(
                    await shop.sqlState("INSERT INTO journeys (user_id, name) VALUES (\(user), 'x')")
                        == "PT403")
            }
            let outward = try await world.owner.number(
                """
                SELECT count(*) FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
                JOIN pg_class t ON t.oid = k.conrelid
                WHERE k.contype = 'f' AND t.relnamespace = '\(world.acme)'::regnamespace
                  AND f.relnamespace <> t.relnamespace
                """)
            #expect(outward == 0)
            // Inside and declared, the conflict shows, without the row.
            try await shop.declare("users,journeys")
            do {
                try await shop.query(insert, ["u1@acme.example"])
                Issue.record("the address was taken")
            } catch let error as PostgresError {
                #expect(error.sqlState == "23505")
                #expect(error.detail == nil)
            }
            #expect(
                await shop.sqlState("INSERT INTO journeys (user_id, name) VALUES (9999999, 'x')") == "23503")
            await shop.close()
        }
    }

    @Test("N24: RETURNING and UPDATE … FROM give nothing behind a shut gate")
    func returning() async throws {
        try await EngineWorld.underAttack { world in
            let (agent, _) = try await world.inImpersonation("acme", as: world.alice)
            let change = "UPDATE users SET status = status WHERE id = 1 RETURNING email"
            let joined =
                "UPDATE users u SET status = u.status FROM journeys j WHERE j.user_id = u.id RETURNING j.name"
            #expect(await agent.sqlState(change) == "PT403")
            #expect(
                await agent.sqlState(
                    "UPDATE users u SET status = g.status FROM \(world.globex.windows).users g") == "42501")
            try await agent.declare("users")
            #expect(try await agent.query(change).count == 1)
            #expect(try await agent.query(joined).count == 0)
            try await agent.declare("users,journeys")
            #expect(try await agent.query(joined).count == 5)
            await agent.close()
        }
    }

    @Test(
        "30, 34, N25: A plan made in one context reads in another what that one may read",
        arguments: [
            "auto", "force_generic_plan", "force_custom_plan",
        ])
    func plansAcrossContexts(mode: String) async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.query("SET plan_cache_mode = \(mode)")
            try await alice.query("PREPARE p AS SELECT min(email), count(*) FROM users")
            try await alice.query("PREPARE q AS SELECT count(*) FROM \(world.acme.windows).users")
            for _ in 0..<6 {
                try await alice.declare()
                #expect(try await alice.query("EXECUTE p")[0].int(1) == EngineWorld.users)
            }
            let globex = try await alice.token("globex")
            #expect(try await alice.enter(globex.text) == nil)
            #expect(await alice.sqlState("EXECUTE q") == "42501")
            #expect(try await alice.query("EXECUTE p")[0].int(1) == 0)
            try await alice.declare()
            let row = try await alice.query("EXECUTE p")[0]
            #expect(try row.string(0).hasSuffix("@globex.example") && row.int(1) == EngineWorld.users)
            #expect(await alice.sqlState("EXECUTE q") == "42501")
            // Opening alone grants, but no definer function can move the session: without SET ROLE there is no row.
            let acme = try await alice.token("acme")
            try await alice.query("SELECT piste.leave()")
            try await alice.query(
                "SELECT * FROM piste.open_context($1, 'users.read', 'users')", [.text(acme.text)])
            #expect(await alice.sqlState("EXECUTE q") == "42501")
            try await alice.query("SET ROLE \(world.acme)_reader")
            #expect(try await alice.number("EXECUTE q") == EngineWorld.users)
            await alice.close()
        }
    }

    @Test("N26: Parallel workers are asked for in vain, and the gate still answers")
    func parallelWorkers() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            for setting in [
                "force_parallel_mode = on", "parallel_setup_cost = 0", "parallel_tuple_cost = 0",
                "min_parallel_table_scan_size = 0", "debug_print_plan = on", "client_min_messages = debug5",
            ] { await alice.attempt("SET \(setting)") }
            #expect(try await alice.count("users") == 0)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("38, N27: One login neither sees nor ends what another does")
    func otherSessions() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.query("SELECT 'my secret question'")
            let carol = try await world.connect(world.carol)
            #expect(
                try await carol.value("SELECT query FROM pg_stat_activity WHERE pid = \(alice.backendPID)")
                    == "<insufficient privilege>")
            for call in ["pg_terminate_backend", "pg_cancel_backend"] {
                #expect(await carol.sqlState("SELECT \(call)(\(alice.backendPID))") == "42501")
            }
            // Her own other session she does see, and may end: what is lost is hers, and the trail says what became of it.
            let other = try await world.connect(world.alice)
            #expect(
                try await other.value("SELECT query FROM pg_stat_activity WHERE pid = \(alice.backendPID)")
                    .contains("secret"))
            try await world.expectReading(alice)
            try await other.query("SELECT pg_terminate_backend(\(alice.backendPID), 2000)")
            #expect(try await !world.backendLives(alice.backendPID))
            #expect(try await other.value("SELECT did FROM piste.sweep()") == "detached")
            #expect(try await world.records("context.detach", in: world.acme) == 1)
            #expect(try await world.memberships(world.alice) == 0)
            await carol.close()
            await other.close()
        }
    }

    @Test("39, N28: What is announced is a number, on a channel that nobody can guess")
    func eavesdropping() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let channel = try await alice.value("SELECT piste.watch_audit(60)")
            #expect(channel.count == 38)
            let carol = try await world.connect(world.carol)
            #expect(try await carol.value("SELECT piste.watch_audit(60, 'acme')").isEmpty)
            #expect(await carol.sqlState("SELECT channel FROM piste.trail_watch") == "42501")
            #expect(try await carol.query("SELECT pg_listening_channels()").count == 0)
            let heard = try await world.payloads(on: channel) { try await alice.declare() }
            let newest = try await world.owner.value("SELECT max(id) FROM piste_test.trail('\(world.acme)')")
            #expect(heard == [newest])
            // Advisory locks are free for all, so the engine stands on none of them.
            try await carol.query("SELECT pg_advisory_lock(k) FROM generate_series(0, 200) AS k")
            try await world.expectReading(alice)
            await alice.close()
            await carol.close()
        }
    }
}

extension EngineWorld {
    /// What arrives on a channel while something is done.
    fileprivate func payloads(on channel: String, _ act: () async throws -> Void) async throws -> [String] {
        let (listener, events) = try await Listener.stream(database.settings(user: carol))
        try await listener.listen(to: channel)
        try await act()
        var heard: [String] = []
        for await event in events {
            if case .notification(let notification) = event { heard.append(notification.payload) }
            break
        }
        await listener.close()
        return heard
    }
}
