import Foundation
import Glibc
import LocalCluster
import Postgres
import TestSupport
import Testing

/// What is over ends by itself while anything of Piste runs, and the record says so.
struct SweepWatchTests {
    /// A session of the service in a context that has `seconds` left just before it enters.
    private func enter(
        _ company: String, _ world: ServiceWorld, seconds: Double? = nil
    ) async throws -> (session: Connection, jti: String) {
        let session = try await world.database.connect(as: world.shop)
        while true {
            let row = try await session.query(
                "SELECT * FROM piste.generate_context_token($1)", [.text(company)])[0]
            let (token, jti) = (try row.string("token"), try row.string("jti"))
            if let seconds { try await expire([jti], in: seconds, world) }
            let refusal = try await session.query(
                "SELECT refusal FROM piste.enter($1, 'users.read', 'users')", [.text(token)])[0]
                .optionalString(0)
            if refusal == nil { return (session, jti) }
            // On a busy machine those seconds can be over before it enters.
            try #require(seconds != nil && refusal == "token_expired", "\(refusal ?? "")")
        }
    }

    private func expire(_ jtis: [String], in seconds: Double = 0, _ world: ServiceWorld) async throws {
        let list = jtis.map { "'\($0)'" }.joined(separator: ",")
        try await world.owner.query(
            "UPDATE piste.context SET expires_at = clock_timestamp() + interval '\(seconds) s' WHERE jti IN (\(list))"
        )
    }

    /// Whether the sweeper of this login sleeps: it asks what is next only after it has told what it did.
    private func isListening(_ login: String, _ world: ServiceWorld) async throws -> Bool {
        try await world.number(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = '\(world.database.name)' AND usename = '\(login)' AND query LIKE '%piste.next_sweep%'
              AND state = 'idle'
            """) > 0
    }

    private func areGone(_ pids: [Int32], _ world: ServiceWorld) async throws -> Bool {
        let list = pids.map(String.init).joined(separator: ",")
        return try await world.number("SELECT count(*) FROM pg_stat_activity WHERE pid IN (\(list))") == 0
    }

    private func expirations(_ company: String, _ world: ServiceWorld) async throws -> [String] {
        try await world.owner.query(
            """
            SELECT context::text FROM piste_test.trail('\(try await world.home(company))')
            WHERE action = 'context.expire'
            """
        ).map { try $0.string(0) }
    }

    private func memberships(_ login: String, _ world: ServiceWorld) async throws -> Int {
        try await world.number(
            """
            SELECT count(*) FROM pg_auth_members m JOIN piste.company c ON c.schema_name = left(m.roleid::regrole::text, 14)
            WHERE m.member = '\(login)'::regrole
            """)
    }

    @Test func endsEveryKindOfBackendWhenItsContextExpires() async throws {
        try await ServiceWorld.run { world in
            let watcher = RunningPiste.watcher(world.dsn(world.bob))
            #expect(try await eventually { try await isListening(world.bob, world) })
            let idle = try await enter("acme", world)
            let cursor = try await enter("globex", world)
            try await cursor.session.query("BEGIN")
            try await cursor.session.query("DECLARE c CURSOR FOR SELECT id FROM users")
            #expect(try await cursor.session.query("FETCH 3 FROM c").count == 3)
            let waiting = try await enter("acme", world)
            try await waiting.session.query("BEGIN")
            try await waiting.session.query("SELECT piste.declare('users.read', 'users')")
            let running = try await enter("globex", world)
            async let query = { () -> String? in
                do {
                    try await running.session.query("SELECT pg_sleep(120)")
                    return nil
                } catch {
                    return (error as? PostgresError)?.sqlState ?? "lost"
                }
            }()
            let all = [idle, cursor, waiting, running]
            let jtis = all.map(\.jti)
            try await expire(jtis, world)
            #expect(try await eventually { try await areGone(all.map(\.session.backendPID), world) })
            #expect(try await #require(await query) == "57P01")
            let isRecorded = try await eventually {
                try await Set(expirations("acme", world) + expirations("globex", world)) == Set(jtis)
            }
            #expect(isRecorded)
            #expect(try await eventually { try await memberships(world.shop, world) == 0 })
            for one in all { await one.session.close() }
            #expect(try await eventually { try await isListening(world.bob, world) })
            let end = try await watcher.stop()
            #expect(end.status == 0)
            for jti in jtis { #expect(end.output.contains(jti)) }
            #expect(end.errors.isEmpty)
        }
    }

    @Test func hearsOfAContextThatExpiresBeforeAllOthers() async throws {
        try await ServiceWorld.run { world in
            let later = try await enter("acme", world)
            let watcher = RunningPiste.watcher(world.dsn(world.bob))
            #expect(try await eventually { try await isListening(world.bob, world) })
            let sooner = try await enter("globex", world, seconds: 2)
            #expect(try await eventually { try await areGone([sooner.session.backendPID], world) })
            #expect(try await eventually { try await expirations("globex", world) == [sooner.jti] })
            #expect(try await !areGone([later.session.backendPID], world))
            #expect(try await later.session.query("SELECT url_id FROM piste.whoami()")[0].string(0) == "acme")
            await later.session.close()
            #expect(try await eventually { try await isListening(world.bob, world) })
            let end = try await watcher.stop(SIGINT)
            #expect(end.status == 130)
            #expect(end.output.contains(sooner.jti) && !end.output.contains(later.jti))
        }
    }

    @Test func doesItOnceHoweverManySweep() async throws {
        try await ServiceWorld.run { world in
            let watchers = [
                RunningPiste.watcher(world.dsn(world.bob)), RunningPiste.watcher(world.dsn(world.shop)),
            ]
            #expect(try await eventually { try await isListening(world.bob, world) })
            #expect(try await eventually { try await isListening(world.shop, world) })
            var contexts: [(session: Connection, jti: String)] = []
            for _ in 0..<6 { contexts.append(try await enter("acme", world)) }
            try await expire(contexts.map(\.jti), world)
            let isDone = try await eventually {
                try await expirations("acme", world).count >= contexts.count
            }
            #expect(isDone)
            #expect(try await areGone(contexts.map(\.session.backendPID), world))
            for context in contexts { await context.session.close() }
            #expect(try await eventually { try await isListening(world.bob, world) })
            #expect(try await eventually { try await isListening(world.shop, world) })
            var output = ""
            for watcher in watchers {
                let end = try await watcher.stop()
                #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
                output += end.output
            }
            let told = output.split(separator: "\n").filter { $0.contains("  expired  ") }
            #expect(told.count == contexts.count)
            #expect(try await expirations("acme", world).sorted() == contexts.map(\.jti).sorted())
        }
    }

    @Test func reportsAMembershipThatNothingAccountsFor() async throws {
        try await ServiceWorld.run { world in
            let (inside, _) = try await enter("acme", world)
            try await world.owner.query("GRANT \(try await world.home("globex"))_writer TO \(world.bob)")
            let sweep = try await Program.run(
                BuiltBinary.path, ["sweep", "--database", world.dsn(world.bob)])
            #expect(sweep.status == 0)
            #expect(sweep.output.contains("incident"))
            // From 16 on only its granter takes it back.
            let isTaken =
                try await world.number("SELECT current_setting('server_version_num')::int") < 160_000
            #expect(
                sweep.errors.hasPrefix("incident: \(world.bob) \(isTaken ? "was" : "is") in the role writer"),
                "\(sweep.errors)")
            #expect(try await memberships(world.bob, world) == (isTaken ? 0 : 1))
            #expect(try await memberships(world.shop, world) == 1)
            for trail in [try await world.home("globex"), "piste"] {
                #expect(
                    try await world.number(
                        """
                        SELECT count(*) FROM piste_test.trail('\(trail)')
                        WHERE action = 'incident.membership' AND detail ->> 'operator' = '\(world.bob)'
                        """) == 1)
            }
            // Once it is mended, or told, there is nothing more to say, and nobody can write such a record by hand.
            let again = try await Program.run(
                BuiltBinary.path, ["sweep", "--database", world.dsn(world.bob)])
            #expect(again.status == 0 && again.errors.isEmpty && !again.output.contains("incident"))
            await #expect(throws: PostgresError.self) {
                try await inside.query("SELECT piste.declare('incident.membership', 'users')")
            }
            // A patrol finds it too.
            let watcher = RunningPiste.watcher(world.dsn(world.bob), ["--every", "1"])
            try await world.owner.query("GRANT \(try await world.home("globex"))_reader TO \(world.bob)")
            if isTaken {
                #expect(try await eventually { try await memberships(world.bob, world) == 0 })
            } else {
                #expect(try await eventually { watcher.errors.contains("incident: \(world.bob)") })
            }
            #expect(try await watcher.stop().errors.contains("incident: \(world.bob)"))
            await inside.close()
        }
    }

    @Test func comesBackAfterARestartOfTheServer() async throws {
        let cluster = TestCluster()
        let first = try await cluster.running()
        let owner = try await Connection.open(first.settings())
        _ = try await ConsoleWorld.alone(on: owner)
        let url = "host=\(first.socketDirectory) dbname=piste user=alice"
        let watcher = RunningPiste.watcher(url)
        let isUp =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'alice' AND query LIKE '%next_sweep%'"
        #expect(try await eventually { try await owner.query(isUp)[0].int(0) > 0 })
        try await cluster.crash()
        try await Task.sleep(for: .milliseconds(500))
        let second = try cluster.cluster.start()
        let again = try await Connection.open(second.settings())
        #expect(try await eventually { try await again.query(isUp)[0].int(0) > 0 })
        let alice = try await Connection.open(second.settings(user: "alice"))
        let row = try await alice.query("SELECT * FROM piste.generate_context_token('awesome')")[0]
        try await alice.query("SELECT piste.enter($1)", [.text(try row.string("token"))])
        try await again.query(
            "UPDATE piste.context SET expires_at = clock_timestamp() WHERE jti = $1::uuid",
            [.text(try row.string("jti"))])
        let isGone = "SELECT count(*) FROM pg_stat_activity WHERE pid = \(alice.backendPID)"
        #expect(try await eventually { try await again.query(isGone)[0].int(0) == 0 })
        await alice.close()
        let isRecorded =
            "SELECT count(*) FROM piste.context WHERE ended_at IS NOT NULL AND end_reason = 'expired'"
        #expect(try await eventually { try await again.query(isRecorded)[0].int(0) == 1 })
        // It asks what is next only after it has told what it did.
        #expect(try await eventually { try await again.query(isUp)[0].int(0) > 0 })
        let end = try await watcher.stop()
        #expect(end.status == 0)
        #expect(end.errors.contains("Trying again.") && end.errors.contains("again\n"), "\(end.errors)")
        #expect(end.output.contains(try row.string("jti")))
        await again.close()
        cluster.remove()
    }

    @Test func saysAtOnceThatThereIsNoServerAndWaitsForIt() async throws {
        let once = try await Program.run(
            BuiltBinary.path, ["sweep", "--database", "host=/tmp/nowhere dbname=x"])
        #expect(once.status == 4)
        let watcher = RunningPiste.watcher("host=/tmp/nowhere dbname=x")
        #expect(try await eventually { watcher.errors.contains("Trying again.") })
        let ended = try await watcher.stop()
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.errors.contains("cannot reach") && ended.errors.contains("Trying again."), "\(ended)")
    }

    @Test func anyOpenConsoleEndsWhatExpiresElsewhere() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            let bob = try await world.database.connect(as: world.bob)
            var isInside = false
            while !isInside {
                let row = try await bob.query("SELECT * FROM piste.generate_context_token('blau')")[0]
                try await world.owner.query(
                    "UPDATE piste.context SET expires_at = clock_timestamp() + interval '2 s' WHERE jti = $1::uuid",
                    [.text(try row.string("jti"))])
                isInside = try await bob.query(
                    "SELECT refusal FROM piste.enter($1)", [.text(try row.string("token"))])[0].isNull(0)
            }
            let pid = bob.backendPID
            let isGone = try await eventually {
                try await world.value("SELECT count(*)::text FROM pg_stat_activity WHERE pid = \(pid)") == "0"
            }
            #expect(isGone)
            let home = try await world.home("blau")
            let record = "SELECT actor FROM piste_test.trail('\(home)') WHERE action = 'context.expire'"
            #expect(try await eventually { try await world.value(record) == world.alice })
            await bob.close()
        }
    }
}
