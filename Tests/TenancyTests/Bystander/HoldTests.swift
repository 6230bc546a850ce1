import Postgres
import TestSupport
import Testing

/// Whatever an operator holds, everybody else goes on within three seconds: on every server that is here.
struct HoldTests {
    /// Somebody begins something, and then does nothing for as long as they are let.
    struct Hold: Sendable, CustomStringConvertible {
        enum Holder: Sendable { case carol, alice, shop, bob }

        let description: String
        var holder: Holder = .carol
        /// Whether the holder is in acme before.
        var isInside = false
        /// In it `{token}` is a fresh token of the holder's for acme, `{acme}` its schema, `{me}` and `{database}` names.
        let statements: [String]
    }

    static let holds = [
        Hold(
            description: "an issued token",
            statements: ["BEGIN", "SELECT piste.generate_context_token('acme')"]),
        Hold(
            description: "a token of every company",
            statements: [
                "BEGIN",
                "SELECT count(t.jti) FROM piste.companies() c, LATERAL piste.generate_context_token(c.url_id, 1) t",
            ]),
        Hold(
            description: "a refusal of nowhere",
            statements: ["BEGIN", "SELECT piste.generate_context_token('nowhere')"]),
        Hold(
            description: "a refusal in the company",
            statements: ["BEGIN", "SELECT piste.impersonate_company('acme', 'a reason')"]),
        Hold(description: "an entering", statements: ["BEGIN", "SELECT piste.enter('{token}')"]),
        Hold(
            description: "a declaration", isInside: true,
            statements: ["BEGIN", "SELECT piste.declare('users.read', 'users')"]),
        Hold(
            description: "a declaration behind savepoints", isInside: true,
            statements: [
                "BEGIN", "SAVEPOINT a", "SELECT piste.declare('users.read', 'users')", "SAVEPOINT b",
                "SELECT piste.declare('users.read', 'users')",
            ]),
        Hold(description: "a leaving", isInside: true, statements: ["BEGIN", "SELECT piste.leave()"]),
        Hold(
            description: "a watched trail", isInside: true,
            statements: ["BEGIN", "SELECT piste.watch_audit(60)"]),
        Hold(
            description: "three hundred savepoints", isInside: true,
            statements: ["BEGIN"]
                + (1...300).flatMap { ["SAVEPOINT s\($0)", "SELECT piste.watch_audit(1)"] }),
        Hold(
            description: "a setting of the own login",
            statements: ["BEGIN", "ALTER ROLE {me} IN DATABASE {database} SET application_name = 'x'"]),
        Hold(description: "the own password", statements: ["BEGIN", "ALTER ROLE {me} PASSWORD 'x'"]),
        Hold(
            description: "a setting of the company's role", isInside: true,
            statements: ["BEGIN", "ALTER ROLE {acme}_reader SET work_mem = '64kB'"]),
        Hold(
            description: "the company's tables, to read", isInside: true,
            statements: ["BEGIN", "LOCK TABLE users, journeys IN ACCESS SHARE MODE"]),
        Hold(
            description: "the company's tables, whole", holder: .shop, isInside: true,
            statements: ["BEGIN", "LOCK TABLE users, journeys IN ACCESS EXCLUSIVE MODE"]),
        Hold(
            description: "every row", holder: .shop, isInside: true,
            statements: [
                "SELECT piste.declare('users.change', 'users')", "BEGIN", "UPDATE users SET status = status",
            ]),
        Hold(
            description: "a sweep over a token that expired", holder: .alice,
            statements: ["BEGIN", "SELECT * FROM piste.sweep()"]),
        Hold(
            description: "an ended context", holder: .alice, isInside: true,
            statements: [
                "BEGIN", "SELECT piste.end_context((SELECT jti FROM piste.whoami()), 'done')",
            ]),
        Hold(
            description: "an admin's new name", holder: .bob,
            statements: ["BEGIN", "SELECT piste.rename_company('acme', 'Acme')"]),
        Hold(
            description: "an admin's suspension", holder: .bob,
            statements: ["BEGIN", "SELECT piste.suspend_company('acme')"]),
    ]

    @Test("Nobody else waits for", arguments: holds, TestServers.all)
    func hold(hold: Hold, server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let login =
                switch hold.holder {
                case .carol: world.carol
                case .alice: world.alice
                case .shop: world.shop
                case .bob: world.bob
                }
            // A token that expired unopened is there to be swept.
            let carol = try await world.connect(world.carol)
            try await world.expire(try await carol.token("acme").jti)
            let holder = try await world.connect(login)
            let token = try await holder.token("acme").text
            if hold.isInside { #expect(try await holder.enter(token) == nil) }
            for statement in hold.statements {
                var sql = statement
                for (name, value) in [
                    ("{token}", token), ("{acme}", world.acme), ("{me}", login),
                    ("{database}", world.database.name),
                ] {
                    sql = sql.split(separator: name, omittingEmptySubsequences: false).joined(
                        separator: value)
                }
                // Some of it is refused, which is as good; the control is that the transaction is really open.
                _ = await holder.sqlState(sql)
            }
            #expect(
                try await world.owner.value(
                    "SELECT state FROM pg_stat_activity WHERE pid = \(holder.backendPID)"
                ).hasPrefix("idle in transaction"))
            try await world.expectUnhindered(by: login, hold.description)
            await holder.close()
            await carol.close()
        }
    }

    @Test("Nobody keeps an old snapshot by idling", arguments: TestServers.all)
    func oldSnapshot(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let holder = try await world.connect(world.carol)
            try await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            try await holder.query("SELECT 1")
            let busy = try await world.connect(world.carol)
            #expect(
                try await eventually {
                    try await world.owner.query("SELECT * FROM piste.sweep()")
                    return try await !world.backendLives(holder.backendPID)
                })
            #expect(try await world.backendLives(busy.backendPID))
            await holder.close()
            await busy.close()
        }
    }

    @Test("A sweep believes no old list of backends", arguments: TestServers.all)
    func oldList(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let sweeper = try await world.connect(world.alice)
            try await sweeper.query("BEGIN")
            try await sweeper.query("SELECT count(*) FROM pg_stat_activity")
            let (carol, jti) = try await world.inside("acme", as: world.carol)
            #expect(await sweeper.sqlState("SELECT * FROM piste.sweep()") == "PT409")
            try await sweeper.query("ROLLBACK")
            try await sweeper.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            #expect(await sweeper.sqlState("SELECT * FROM piste.sweep()") == "PT409")
            try await sweeper.query("ROLLBACK")
            #expect(await carol.sqlState("SELECT * FROM piste.sweep()") == "PT403")
            // The control: a sweep of its own does what there is to do, and nothing else.
            #expect(try await sweeper.query("SELECT * FROM piste.sweep()").isEmpty)
            try await world.expectReading(carol)
            try await world.expire(jti)
            #expect(
                try await sweeper.query("SELECT did FROM piste.sweep()").map { try $0.string(0) } == [
                    "expired"
                ])
            await carol.close()
            await sweeper.close()
        }
    }

    @Test("A suspension does not wait for what hears no end", arguments: TestServers.all)
    func deafBackend(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (deaf, _) = try await world.inside("acme", as: world.carol)
            try await deaf.query("BEGIN")
            try await deaf.declare()
            let nested = """
                SELECT count(*) FROM XMLTABLE('/a[count(//*[count(//*[count(//*)>0])>0])>0]'
                    PASSING (SELECT ('<a>' || repeat('<b/>', 700) || '</a>')::xml) COLUMNS x text PATH '.')
                """
            async let heard = deaf.sqlState(nested)
            try await Task.sleep(for: .milliseconds(200))
            try await world.expectUnhindered(by: world.carol, "XMLTABLE")
            #expect(await heard == "57P01")
            await deaf.close()
        }
    }
}
