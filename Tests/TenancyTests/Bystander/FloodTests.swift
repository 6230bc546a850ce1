import Postgres
import TestSupport
import Testing

/// Whatever an operator sends or fills, nobody else goes without.
struct FloodTests {
    @Test("Tokens: so many a minute, so few that nobody opened", arguments: TestServers.all)
    func tokens(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let carol = try await world.connect(world.carol)
            var issued: [String] = []
            var refused = 0
            let rate = try await world.owner.number("SELECT piste.limit_of('token_rate')")
            for _ in 0..<rate + 20 {
                do { issued.append(try await carol.token("acme").text) } catch let error as PostgresError {
                    #expect(error.sqlState == "PT429")
                    #expect(error.message.contains("there is room again at 2"), "\(error.message)")
                    refused += 1
                }
            }
            // A minute may end meanwhile.
            #expect(issued.count >= rate)
            #expect(refused > 0 || issued.count == rate + 20)
            let unopened =
                "SELECT count(*) FROM piste.context WHERE opened_at IS NULL AND ended_at IS NULL AND operator = $1"
            #expect(try await world.owner.number(unopened, [.text(world.carol)]) == 20)
            #expect(try await carol.enter(issued[0]) == "token_ended")
            // The newest of them is good, so is another company, and another operator has a count of their own.
            #expect(try await carol.enter(issued[issued.count - 1]) == nil)
            try await world.expectReading(carol)
            let (elsewhere, _) = try await world.inside("globex", as: world.carol)
            try await world.expectReading(elsewhere)
            let record = try await world.lastRecord("token.end", in: world.acme)
            #expect(record.contains("more than 20") && record.contains(#""tokens": 1"#), "\(record)")
            try await world.expectUnhindered(by: world.carol, "tokens")
            try await world.expectSoundTrails()
            await carol.close()
            await elsewhere.close()
        }
    }

    @Test(
        "Tokens of one transaction that stays open are counted, and hold up nobody",
        arguments: TestServers.all)
    func uncommittedTokens(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let carol = try await world.connect(world.carol)
            let rate = try await world.owner.number("SELECT piste.limit_of('token_rate')")
            try await carol.query("BEGIN")
            #expect(
                await carol.sqlState(
                    """
                    SELECT count(t.jti)
                    FROM generate_series(1, \(2 * rate + 20)) AS n, LATERAL piste.generate_context_token('acme', 1 + n % 2) AS t
                    """) == "PT429")
            try await carol.query("ROLLBACK")
            try await carol.query("BEGIN")
            for _ in 0..<rate - 10 { _ = try await carol.token("acme") }
            try await world.expectUnhindered(by: world.carol, "uncommitted tokens")
            await carol.close()
        }
    }

    @Test("Details: so many bytes a minute", arguments: TestServers.all)
    func details(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            let declare =
                "SELECT piste.declare('users.read', 'users', jsonb_build_object('x', repeat('y', 8000)))"
            let most = try await world.owner.number("SELECT piste.limit_of('detail_rate')") / 8008
            var written = 0
            while written < 3 * most {
                if let state = await carol.sqlState(declare) {
                    #expect(state == "PT429")
                    break
                }
                written += 1
            }
            #expect(written >= most - 1 && written < 3 * most)
            // A read without so many words is recorded as ever, and opens the gate.
            try await world.expectReading(carol)
            try await world.expectUnhindered(by: world.carol, "details")
            await carol.close()
        }
    }

    @Test("Refused calls: so many a minute, and nobody else's", arguments: TestServers.all)
    func refusals(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let carol = try await world.connect(world.carol)
            let call = "impersonate_company('acme', repeat('x', 1000))"
            var recorded = 0
            let rate = try await world.owner.number("SELECT piste.limit_of('refusal_rate')")
            for _ in 0..<2 * rate + 20 {
                do {
                    #expect(try await carol.refusal(call) == "not_allowed")
                    recorded += 1
                } catch let error as PostgresError {
                    #expect(error.sqlState == "PT429")
                    break
                }
            }
            #expect(recorded >= rate && recorded <= 2 * rate)
            #expect(try await world.records("impersonation.refused", in: world.acme) == recorded)
            let alice = try await world.connect(world.alice)
            #expect(try await alice.refusal("impersonate_company('acme', '')") == "reason_required")
            #expect(try await carol.enter(try await carol.token("acme").text) == nil)
            try await world.expectReading(carol)
            await carol.close()
            await alice.close()
        }
    }

    @Test("Connections: twenty of a person, and everybody else still comes in", arguments: TestServers.all)
    func connections(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            var taken: [Connection] = []
            var state: String?
            while taken.count < 30, state == nil {
                do { taken.append(try await world.connect(world.carol)) } catch let error as PostgresError {
                    state = error.sqlState
                }
            }
            #expect(taken.count == 20)
            #expect(state == "53300")
            let mine = taken[0]
            for sql in [
                "ALTER ROLE \(world.carol) CONNECTION LIMIT 100",
                "ALTER ROLE \(world.carol) CONNECTION LIMIT -1",
            ] {
                #expect(await mine.sqlState(sql) == "42501")
            }
            try await world.expectUnhindered(by: world.alice, "connections")
            // The limit follows the level, unless somebody chose another.
            let bob = try await world.connect(world.bob)
            let limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = '\(world.carol)'"
            #expect(try await bob.refusal("add_operator('\(world.carol)', 'service')") == nil)
            #expect(try await bob.number(limit) == 60)
            try await world.owner.query("ALTER ROLE \(world.carol) CONNECTION LIMIT 7")
            #expect(try await bob.refusal("add_operator('\(world.carol)', 'viewer')") == nil)
            #expect(try await bob.number(limit) == 7)
            for connection in taken + [bob] { await connection.close() }
        }
    }

    @Test(
        "The disk: what one statement sorts is bounded, and nobody lifts the bound",
        arguments: TestServers.all)
    func temporaryFiles(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let first = try await world.connect(world.carol)
            #expect(try await first.value("SHOW temp_file_limit") == "1GB")
            for sql in [
                "SET temp_file_limit = -1", "ALTER ROLE \(world.carol) SET temp_file_limit = -1",
                "ALTER DATABASE \(world.database.name) SET temp_file_limit = -1",
                "SELECT set_config('temp_file_limit', '-1', false)",
            ] {
                #expect(await first.sqlState(sql) == "42501", "\(sql)")
            }
            try await world.owner.query("ALTER DATABASE \(world.database.name) SET temp_file_limit = '4MB'")
            let carol = try await world.connect(world.carol)
            func sort(_ rows: Int) -> String {
                "SELECT max(n) FROM (SELECT n FROM generate_series(1, \(rows)) AS n ORDER BY repeat(n::text, 20)) s"
            }
            try await carol.query("SET work_mem = '64kB'")
            #expect(await carol.sqlState(sort(200_000)) == "53400")
            #expect(await carol.sqlState(sort(5_000)) == nil)
            await first.close()
            await carol.close()
        }
    }

    /// A full queue of announcements, which takes gigabytes unless a server is told to have a small one, as it can be from 17 on.
    ///
    /// It is all databases', so this server is nobody else's.
    @Test("Announcements: a full queue fails no call", arguments: Release.all.filter { $0.version >= 17 })
    func announcements(release: Release) async throws {
        let size = 64
        try await ReleaseServer.run(release, settings: ["max_notify_queue_pages = \(size)"]) { server in
            try await EngineWorld.run(on: TestServer(server)) { world in
                let deaf = try await world.connect(world.carol)
                try await deaf.query("LISTEN anything")
                try await deaf.query("BEGIN")
                try await deaf.query("SELECT 1")
                let flood = try await world.connect(world.carol)
                var state: String?
                for _ in 0..<size * 2 where state == nil {
                    state = await flood.sqlState("SELECT pg_notify('anything', repeat('x', 7900))")
                }
                #expect(state == "54000")
                try await world.expectUnhindered(by: world.alice, "a full queue")
                try await deaf.query("ROLLBACK")
                try await deaf.query("SELECT 1")
                // Whoever asks how full it is has it tidied.
                try await flood.query("SELECT pg_notification_queue_usage()")
                #expect(await flood.sqlState("SELECT pg_notify('anything', 'x')") == nil)
                await deaf.close()
                await flood.close()
            }
        }
    }
}
