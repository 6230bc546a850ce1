import Postgres
import TestSupport
import Testing

/// Attacks that try to read on after the end.
struct ExpiryAttackTests {
    @Test(
        "11, N6: A cursor opened in time gives nothing after the end, nor one whose savepoint is rolled back")
    func openCursor() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await alice.query("BEGIN")
            try await alice.query("DECLARE c CURSOR FOR SELECT id FROM users")
            #expect(try await alice.query("FETCH 1 FROM c").count == 1)
            try await alice.query("SAVEPOINT s")
            try await alice.query("DECLARE d CURSOR FOR SELECT id FROM users")
            try await alice.query("ROLLBACK TO s")
            #expect(await alice.sqlState("FETCH 1 FROM d") == "34000")
            try await alice.query("ROLLBACK")
            try await alice.declare()
            // A machine that is too busy to fetch in time is given more of it: only a first row makes the second count.
            for milliseconds in [500, 2_000, 8_000, 30_000] {
                try await world.expire(jti, in: milliseconds)
                if milliseconds > 500 { try await alice.declare() }
                try await alice.query("BEGIN")
                try await alice.query("DECLARE c CURSOR FOR SELECT id FROM users")
                let isInTime = try await alice.query("FETCH 1 FROM c").count == 1
                guard isInTime || milliseconds == 30_000 else {
                    try await alice.query("ROLLBACK")
                    continue
                }
                #expect(isInTime)
                try await alice.query("SELECT pg_sleep(\(Double(milliseconds + 100) / 1000))")
                #expect(try await alice.query("FETCH ALL FROM c").count == 0)
                try await alice.query("COMMIT")
                break
            }
            await alice.close()
        }
    }

    @Test(
        "12: A held cursor dies with the context, however that ends",
        arguments: ["leave", "close_own_context", "sweep"])
    func heldCursor(manner: String) async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await alice.query("DECLARE c CURSOR WITH HOLD FOR SELECT email FROM users")
            #expect(try await alice.query("FETCH 2 FROM c").count == 0, "the gate is shut while one is held")
            if manner == "sweep" {
                try await world.expire(jti)
                try await world.owner.query("SELECT * FROM piste.sweep()")
                #expect(await alice.sqlState("FETCH 2 FROM c") != nil)
                #expect(try await !world.backendLives(alice.backendPID))
            } else {
                try await alice.query("SELECT piste.\(manner)()")
                #expect(await alice.sqlState("FETCH 2 FROM c") == "34000")
                await alice.attempt("RESET ROLE")
                #expect(await alice.sqlState("FETCH 2 FROM c") == "34000")
            }
            await alice.close()
        }
    }

    @Test("N7: A held cursor filled at the commit of its own declaration holds nothing")
    func heldCursorBeforeTheRecord() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.query("BEGIN")
            try await alice.query("DECLARE c CURSOR WITH HOLD FOR SELECT email FROM users")
            try await alice.declare()
            #expect(await alice.sqlState("COMMIT") == "PT409")
            #expect(await alice.sqlState("FETCH ALL FROM c") == "34000")
            try await alice.declare()
            try await alice.query("DECLARE d CURSOR WITH HOLD FOR SELECT email FROM users")
            #expect(try await alice.query("FETCH ALL FROM d").count == 0)
            try await alice.query("CLOSE d")
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("13: A long COPY is cut at the end, row by row")
    func longCopy() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            let copy = "COPY (SELECT id, pg_sleep(0.1) FROM users) TO STDOUT"
            try await alice.declare()
            let whole = try await alice.copyOut("COPY (SELECT id FROM users) TO STDOUT") { _ in }
            #expect(whole == EngineWorld.users)
            try await alice.declare()
            try await world.expire(jti, in: 500)
            let cut = try await alice.copyOut(copy) { _ in }
            #expect(cut < EngineWorld.users)
            #expect(try await alice.count("users") == 0)
            await alice.close()
        }
    }

    @Test(
        "14, N8: A snapshot taken or exported in time shows nothing",
        arguments: ["REPEATABLE READ", "SERIALIZABLE"])
    func oldSnapshot(level: String) async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            let (other, _) = try await world.inside("acme", as: world.alice)
            try await other.declare()
            try await alice.query("BEGIN ISOLATION LEVEL \(level)")
            // To hand a snapshot on is not for operators; a superuser's of the same moment shows as little.
            try await alice.query("SAVEPOINT before")
            #expect(await alice.sqlState("SELECT pg_export_snapshot()") == "42501")
            try await alice.query("ROLLBACK TO before")
            #expect(try await alice.count("users") == 0)
            try await world.owner.query("BEGIN ISOLATION LEVEL \(level)")
            let snapshot = try await world.owner.value("SELECT pg_export_snapshot()")
            try await other.query("BEGIN ISOLATION LEVEL \(level)")
            try await other.query("SET TRANSACTION SNAPSHOT '\(snapshot)'")
            #expect(try await other.count("users") == 0)
            try await other.query("ROLLBACK")
            try await world.owner.query("ROLLBACK")
            try await alice.query("ROLLBACK")
            try await world.expectReading(alice)
            try await world.expectReading(other)
            await alice.close()
            await other.close()
        }
    }

    @Test("16: A session already in the role reads nothing once the role is taken back")
    func revokedWhileInside() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            // The backend is spared for once, so that it is the gate alone that answers.
            try await world.owner.query(
                "UPDATE piste.context SET backend_pid = NULL WHERE jti = $1::uuid", [.text(jti)])
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("end_context($1::uuid, 'enough')", [.text(jti)]) == nil)
            #expect(try await alice.value("SELECT current_user") == "\(world.acme)_reader")
            #expect(try await alice.count("users") == 0)
            try await alice.query("RESET ROLE")
            #expect(await alice.sqlState("SET ROLE \(world.acme)_reader") == "42501")
            await alice.close()
            await bob.close()
        }
    }

    @Test("17: A transaction that began in time does not stop the clock")
    func frozenClock() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await alice.query("BEGIN")
            #expect(try await alice.count("users") == EngineWorld.users)
            try await world.expire(jti)
            #expect(
                try await alice.value(
                    "SELECT now() < (SELECT max(expires_at) FROM piste.contexts(false))") == "t")
            #expect(try await alice.count("users") == 0)
            try await alice.query("COMMIT")
            await alice.close()
        }
    }

    @Test("18: After the end a row that exists and one that does not look the same")
    func existence() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            let probe = "SELECT count(*) FROM users WHERE id = $1::bigint"
            try await alice.declare()
            #expect(try await alice.number(probe, [7]) == 1)
            #expect(try await alice.number(probe, [99_999_999]) == 0)
            try await world.expire(jti)
            #expect(try await alice.number(probe, [7]) == 0)
            #expect(try await alice.number(probe, [99_999_999]) == 0)
            await alice.close()
        }
    }

    @Test("19, 36, N9: EXPLAIN tells sizes, and nothing of what stands in the rows")
    func estimates() async throws {
        try await EngineWorld.underAttack { world in
            try await world.owner.query("ANALYZE \(world.acme).users")
            let (alice, _) = try await world.inside("acme", as: world.alice)
            func estimates(_ column: String, _ values: [String]) async throws -> Set<String> {
                var found = Set<String>()
                for value in values {
                    found.insert(
                        try await alice.value("EXPLAIN SELECT FROM users WHERE \(column) < '\(value)'"))
                }
                return found
            }
            for (column, values) in [
                ("email", ["a", "u15@", "zz"]), ("name", ["A", "User 5", "Z"]),
                ("search_text", ["a", " user 5", "z"]), ("id", ["0", "10", "1000"]),
                ("created_at", ["2001-01-01", "2035-01-01"]),
            ] {
                let found = try await estimates(column, values)
                #expect(found.count == 1, "\(column): \(found)")
            }
            #expect(
                try await alice.query("SELECT FROM pg_stats WHERE schemaname = '\(world.acme)'").count == 0)
            // A column of which samples are allowed tells, so it is not for want of asking.
            try await world.owner.query("ALTER TABLE \(world.acme).users ALTER id SET STATISTICS 100")
            try await world.owner.query("ANALYZE \(world.acme).users")
            #expect(try await estimates("id", ["0", "10", "1000"]).count > 1)
            await alice.close()
        }
    }

    @Test("21: A declaration from the future opens nothing")
    func clockSetBack() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            try await world.owner.query(
                "UPDATE piste.declaration SET declared_at = clock_timestamp() + interval '1 hour'")
            #expect(try await alice.count("users") == 0)
            try await alice.query("SET TimeZone = 'Pacific/Kiritimati'")
            #expect(try await alice.count("users") == 0)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("22: One login that enters and leaves in parallel is nowhere in the end")
    func parallelGrants() async throws {
        try await EngineWorld.underAttack { world in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let alice = try await world.connect(world.alice)
                        for _ in 0..<8 {
                            let token = try await alice.token("acme")
                            #expect(try await alice.enter(token.text) == nil)
                            try await world.expectReading(alice)
                            try await alice.query("SELECT piste.leave()")
                        }
                        await alice.close()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await world.memberships(world.alice) == 0)
        }
    }

    @Test(
        "23: A membership that nothing accounts for opens nothing, and the sweep takes it back or tells of it"
    )
    func strayMembership() async throws {
        try await EngineWorld.underAttack { world in
            try await world.owner.query("GRANT \(world.acme)_writer TO \(world.carol)")
            let carol = try await world.connect(world.carol)
            try await carol.query("SET ROLE \(world.acme)_writer")
            #expect(try await carol.count("\(world.acme.windows).users") == 0)
            #expect(await carol.sqlState("UPDATE \(world.acme.windows).users SET name = 'x'") == "PT403")
            // From 16 on only its granter takes it back: it is told, and opens nothing.
            let isTaken = try await world.version < 160_000
            #expect(
                try await world.owner.value("SELECT string_agg(did, ' ') FROM piste.sweep()")
                    == (isTaken ? "incident revoked" : "incident"))
            #expect(try await world.memberships(world.carol) == (isTaken ? 0 : 1))
            #expect(
                try await world.records(
                    isTaken ? "membership.revoke" : "incident.membership", in: world.acme) == 1)
            if !isTaken {
                #expect(try await carol.count("\(world.acme.windows).users") == 0)
                #expect(await carol.sqlState("UPDATE \(world.acme.windows).users SET name = 'x'") == "PT403")
            }
            await carol.close()
        }
    }

    @Test("24: An impersonation ends by its own clock, and the reading context beside it goes on")
    func separateClocks() async throws {
        try await EngineWorld.underAttack { world in
            let (agent, jti) = try await world.inImpersonation("acme", as: world.alice)
            let (reader, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(agent)
            try await world.expire(jti)
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await !world.backendLives(agent.backendPID))
            try await world.expectReading(reader)
            #expect(await reader.sqlState("SET ROLE \(world.acme)_agent") == "42501")
            await agent.close()
            await reader.close()
        }
    }
}
