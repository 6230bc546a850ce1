import Postgres
import Tenancy
import TestSupport
import Testing

/// The engine on every server that is here: the installed one and those of other versions.
struct ServerTests {
    @Test("The engine installs, lets in, records and lets out", arguments: TestServers.all)
    func works(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            #expect(try await carol.count("users") == 0)
            try await carol.declare()
            #expect(try await carol.count("users") == EngineWorld.users)
            #expect(try await world.memberships(world.carol) == 1)
            _ = try await carol.value("SELECT piste.leave()")
            #expect(try await world.memberships(world.carol) == 0)
            #expect(await carol.sqlState("SELECT count(*) FROM \(world.acme.windows).users") == "42501")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.query("SELECT ok FROM piste.verify_audit('acme')")[0].bool("ok"))
            await carol.close()
            await bob.close()
        }
    }

    @Test(
        "A login that was there before becomes an operator, and stops being one", arguments: TestServers.all)
    func foreignLogin(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let dora = world.database.roleName("dora")
            try await world.owner.query("CREATE ROLE \(dora) LOGIN NOINHERIT")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("add_operator('\(dora)', 'viewer')") == nil)
            let (inside, _) = try await world.inside("acme", as: dora)
            try await world.expectReading(inside)
            #expect(try await bob.refusal("remove_operator('\(dora)')") == nil)
            #expect(try await world.backendEnds(inside.backendPID))
            await inside.close()
            await bob.close()
        }
    }

    @Test("A sweep finds nothing wrong where nothing is", arguments: TestServers.all)
    func quietSweep(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            #expect(try await world.owner.query("SELECT * FROM piste.sweep()").isEmpty)
            // The control: a membership that nothing accounts for is found and taken back.
            let maker = try await world.owner.value("SELECT piste.maker_of('\(world.globex)_reader')")
            try await world.owner.run(
                script: "SET ROLE \(maker); GRANT \(world.globex)_reader TO \(world.carol); RESET ROLE")
            let found = try await world.owner.query("SELECT did FROM piste.sweep()")
                .map { try $0.string("did") }
            #expect(found == ["incident", "revoked"])
            try await world.expectReading(carol)
            await carol.close()
        }
    }
}
