import Postgres
import TestSupport
import Testing

/// Attacks through what a session remembers: paths, roles, savepoints, settings, and backends that change hands.
struct PoolingAttackTests {
    @Test("1: Two users of one backend, and a path left behind, lead nowhere")
    func pathLeftBehind() async throws {
        try await EngineWorld.underAttack { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            try await world.expectReading(shop)
            let token = try await shop.token("globex")
            #expect(try await shop.enter(token.text) == nil)
            try await shop.query("SET search_path = \(world.acme.windows)")
            #expect(await shop.sqlState("SELECT * FROM users") == "42P01")
            #expect(await shop.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            try await world.expectReading(shop, "\(world.globex.windows).users")
            await shop.close()
        }
    }

    @Test("3: A context that a savepoint takes back is gone on the server too")
    func savepoint() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let globex = try await alice.token("globex")
            try await alice.query("BEGIN")
            try await alice.query("SAVEPOINT s")
            #expect(try await alice.refusal("enter($1, 'users.read', 'users')", [.text(globex.text)]) == nil)
            try await alice.query("ROLLBACK TO s")
            try await alice.query("COMMIT")
            #expect(try await alice.value("SELECT url_id FROM piste.whoami()") == "acme")
            #expect(await alice.sqlState("SELECT * FROM \(world.globex.windows).users") == "42501")
            #expect(try await alice.count("users") == 0)
            try await alice.declare()
            #expect(try await alice.value("SELECT min(email) FROM users").hasSuffix("@acme.example"))
            await alice.close()
        }
    }

    @Test("4: RESET ALL keeps the role, and the role alone reads nothing")
    func resetAll() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            try await alice.query("RESET ALL")
            try await world.expire(jti)
            #expect(try await alice.value("SELECT current_user") == "\(world.acme)_reader")
            #expect(try await alice.count("\(world.acme.windows).users") == 0)
            await alice.close()
        }
    }

    @Test(
        "6: RESET ROLE and SET ROLE NONE land where there is nothing",
        arguments: ["RESET ROLE", "SET ROLE NONE"])
    func resetRole(sql: String) async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            try await alice.query(sql)
            #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            try await alice.query("SET ROLE \(world.acme)_reader")
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("7, N1: No startup option brings a role, another login, or a path that helps")
    func startupOptions() async throws {
        try await EngineWorld.underAttack { world in
            for option in [
                "role=\(world.acme)_reader", "role=piste_owner", "session_authorization=\(world.bob)",
                "session_replication_role=replica",
            ] {
                let settings = world.database.settings(user: world.carol).with(options: "-c \(option)")
                await #expect(throws: PostgresError.self, "\(option)") {
                    try await Connection.open(settings).close()
                }
            }
            let settings = world.database.settings(user: world.carol)
                .with(options: "-c search_path=\(world.acme.windows) -c row_security=off")
            let carol = try await Connection.open(settings)
            #expect(await carol.sqlState("SELECT * FROM users") == "42P01")
            // With row security off PostgreSQL refuses what the row gate would have had to filter.
            let token = try await carol.token("acme")
            #expect(try await carol.enter(token.text) == nil)
            try await carol.query("SET row_security = on")
            try await world.expectReading(carol)
            await carol.close()
        }
    }

    @Test(
        "N2: A session that snapshots by default neither enters nor reads",
        arguments: ["serializable", "repeatable read"])
    func isolationByDefault(level: String) async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            try await alice.query("SET default_transaction_isolation = '\(level)'")
            #expect(await alice.sqlState("SELECT * FROM piste.enter($1)", [.text(token.text)]) == "PT409")
            #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            try await alice.query("RESET default_transaction_isolation")
            #expect(try await alice.enter(token.text) == nil)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("9: Entering what does not exist leaves nothing of what there was")
    func unknownTenant() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            #expect(try await alice.refusal("generate_context_token('nowhere')") == "unknown_company")
            #expect(try await alice.enter("no.such.token") == "token_malformed")
            #expect(try await alice.value("SELECT current_user") == world.alice)
            #expect(try await alice.value("SELECT url_id FROM piste.whoami()").isEmpty)
            #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            #expect(try await world.memberships(world.alice) == 0)
            await alice.close()
        }
    }

    @Test("10: A job without a context has no schema to fall into")
    func noDefaultSchema() async throws {
        try await EngineWorld.underAttack { world in
            let shop = try await world.connect(world.shop)
            #expect(await shop.sqlState("SELECT * FROM users") == "42P01")
            #expect(await shop.sqlState("INSERT INTO users (email, name) VALUES ('x@x', 'x')") == "42P01")
            #expect(await shop.sqlState("CREATE TABLE public.users (i int)") == "42501")
            let token = try await shop.token("acme")
            #expect(try await shop.enter(token.text) == nil)
            try await world.expectReading(shop)
            await shop.close()
        }
    }

    @Test("N3: A backend that got the number of a dead one inherits nothing")
    func reusedNumber() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            let heir = try await world.connect(world.alice)
            // As if the old backend had died without a sweep, and the kernel had given its number away.
            try await world.owner.query(
                "UPDATE piste.context SET backend_pid = \(heir.backendPID) WHERE jti = $1::uuid", [.text(jti)]
            )
            try await world.owner.query(
                "UPDATE piste.declaration SET pid = \(heir.backendPID) WHERE pid = \(alice.backendPID)")
            try await heir.query("SET ROLE \(world.acme)_reader")
            #expect(try await heir.count("\(world.acme.windows).users") == 0)
            #expect(await heir.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410")
            #expect(try await alice.count("users") == 0)
            // Given back, the first one reads: it was the backend and nothing else that was wrong.
            try await world.owner.query(
                "UPDATE piste.context SET backend_pid = \(alice.backendPID) WHERE jti = $1::uuid",
                [.text(jti)])
            try await world.owner.query(
                "UPDATE piste.declaration SET pid = \(alice.backendPID) WHERE pid = \(heir.backendPID)")
            try await world.expectReading(alice)
            await alice.close()
            await heir.close()
        }
    }

    @Test("N4: What the session forgets, the gate forgets", arguments: ["DISCARD SEQUENCES", "DISCARD ALL"])
    func replayAcrossDiscard(sql: String) async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(alice)
            try await alice.query(sql)
            await alice.attempt("SET ROLE \(world.acme)_reader")
            #expect(try await alice.count("\(world.acme.windows).users") == 0)
            #expect(await alice.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410")
            #expect(await alice.sqlState("SELECT setval('piste.backend_entry', 1)") == "42501")
            try await alice.query("SELECT piste.leave()")
            let token = try await alice.token("acme")
            #expect(try await alice.enter(token.text) == nil)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("N5: A login's own defaults of role and path are forgotten on the way in and out")
    func loginDefaults() async throws {
        try await EngineWorld.underAttack { world in
            let (first, jti) = try await world.inside("acme", as: world.alice)
            try await first.query("RESET ROLE")
            try await first.query("ALTER ROLE \(world.alice) SET role = '\(world.acme)_reader'")
            try await first.query("ALTER ROLE \(world.alice) SET search_path = '\(world.globex.windows)'")
            // While the membership lasts, a login starts in the role: it holds no context, and reads nothing.
            let second = try await world.connect(world.alice)
            #expect(try await second.count("\(world.acme.windows).users") == 0)
            #expect(await second.sqlState("SELECT * FROM users") == "42P01")
            #expect(await second.sqlState("SELECT piste.declare('users.read', 'users')") == "PT401")
            try await second.query("SELECT piste.leave()")
            #expect(try await second.value("SELECT current_user") == world.alice)
            let token = try await second.token("globex")
            #expect(try await second.enter(token.text) == nil)
            try await world.expectReading(second)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("end_context($1::uuid, 'enough')", [.text(jti)]) == nil)
            #expect(await second.sqlState("SET ROLE \(world.acme)_reader") == "42501")
            await second.close()
            await bob.close()
        }
    }
}
