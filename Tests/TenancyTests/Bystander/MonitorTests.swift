import Postgres
import TestSupport
import Testing

/// The level `monitor`: the engine's figures and the sweep, and no company.
struct MonitorTests {
    @Test("Sees figures, sweeps, and may call nothing else", arguments: TestServers.all)
    func figuresOnly(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let bob = try await world.connect(world.bob)
            let login = world.database.roleName("monica")
            #expect(try await bob.refusal("add_operator('\(login)', 'monitor')") == nil)
            var monica = try await world.connect(login)
            #expect(try await monica.value("SELECT level FROM piste.whoami()") == "monitor")
            #expect(try await monica.query("SELECT * FROM piste.metrics() WHERE refusal IS NULL").count > 10)
            #expect(
                try await monica.query("SELECT * FROM piste.chain_heads() WHERE refusal IS NULL").count == 2)
            #expect(try await monica.query("SELECT * FROM piste.sweep()").isEmpty)
            #expect(try await monica.query("SELECT * FROM piste.next_sweep()").count == 1)
            let callable = try await world.owner.query(
                """
                SELECT p.oid::regprocedure::text FROM pg_proc p
                WHERE p.pronamespace = 'piste'::regnamespace AND has_function_privilege($1, p.oid, 'EXECUTE')
                ORDER BY 1
                """, [.text(login)]
            ).map { try $0.string(0) }
            #expect(
                callable == [
                    "piste.chain_heads(uuid,integer)", "piste.durability_report()", "piste.metrics()",
                    "piste.next_sweep()", "piste.seal()", "piste.sweep()", "piste.whoami()",
                ])
            for call in [
                "companies()", "companies_count()", "company('acme')", "generate_context_token('acme')",
                "enter('x')", "audit_trail()", "contexts()", "operators()",
                "add_operator('\(login)', 'admin')",
            ] {
                #expect(await monica.sqlState("SELECT piste.\(call)") == "42501", "\(call)")
            }
            #expect(try await world.owner.failures().filter { $0.hasPrefix("operators.") } == [])
            // Raised and lowered, the login has what its level gives and no more.
            #expect(try await bob.refusal("add_operator('\(login)', 'viewer')") == nil)
            monica = try await world.connect(login)
            #expect(try await monica.number("SELECT count(*) FROM piste.companies()") == 2)
            let (inside, _) = try await world.inside("acme", as: login)
            try await world.expectReading(inside)
            #expect(try await bob.refusal("add_operator('\(login)', 'monitor')") == nil)
            #expect(try await world.backendEnds(inside.backendPID))
            let lowered = try await world.connect(login)
            #expect(await lowered.sqlState("SELECT piste.companies()") == "42501")
            await lowered.close()
            await inside.close()
            await monica.close()
            await bob.close()
        }
    }

    @Test("Nobody learns a schema's name from outside", arguments: TestServers.all)
    func schemaNames(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let name = "SELECT schema_name FROM piste.company('acme')"
            for login in [world.carol, world.alice, world.shop] {
                let outside = try await world.connect(login)
                #expect(try await outside.value(name).isEmpty, "\(login)")
                let (elsewhere, _) = try await world.inside("globex", as: login)
                #expect(try await elsewhere.value(name).isEmpty, "\(login)")
                let (inside, _) = try await world.inside("acme", as: login)
                #expect(try await inside.value(name) == world.acme)
                for connection in [outside, elsewhere, inside] { await connection.close() }
            }
            let bob = try await world.connect(world.bob)
            #expect(try await bob.value(name) == world.acme)
            await bob.close()
        }
    }

    @Test("The mark of a session leads to no token and no record", arguments: TestServers.all)
    func marks(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            let carol = try await world.connect(world.carol)
            let shown = try await carol.value(
                "SELECT application_name FROM pg_stat_activity WHERE pid = \(alice.backendPID)")
            #expect(shown.contains(" in ") && !shown.contains(jti))
            try await world.expectReading(alice)
            // Entering again draws another.
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            let later = try await carol.value(
                "SELECT application_name FROM pg_stat_activity WHERE pid = \(alice.backendPID)")
            #expect(later.contains(" in ") && later != shown)
            // The old one opens nothing, the jti neither, and the right one does.
            for name in [shown, "piste in \(jti)", "piste"] {
                try await alice.query("SELECT set_config('application_name', $1, false)", [.text(name)])
                #expect(
                    await alice.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410", "\(name)")
                #expect(try await alice.count("users") == 0)
            }
            try await alice.query("SELECT set_config('application_name', $1, false)", [.text(later)])
            try await world.expectReading(alice)
            await alice.close()
            await carol.close()
        }
    }
}
