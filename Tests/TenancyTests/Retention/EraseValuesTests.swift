import Postgres
import Tenancy
import TestSupport
import Testing

/// What a trail holds of one row is destroyed for good, by an admin and on record, and the chain goes on to verify.
struct EraseValuesTests {
    @Test(arguments: TestServers.all)
    func destroysTheValuesOfOneRow(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            for name in ["one", "two"] { try await world.change(world.acme, to: name) }
            try await world.change(world.acme, user: 8, to: "beside it")
            try await world.change(world.globex, to: "elsewhere")
            let values = try await world.values(world.acme)
            let before = try await world.owner.count(values)
            let about = "SELECT count(*) FROM \(values) WHERE about = "
            let held = try await world.owner.number(about + "'users/7'")
            let beside = try await world.owner.number(about + "'users/8'")
            #expect(held >= 2 && beside >= 1)
            try await world.client(world.bob) { client in
                let erased = try await client.eraseValues(
                    of: "acme", table: "users", id: "7", reason: "asked to be forgotten")
                #expect(erased == held)
                #expect(
                    try await client.eraseValues(of: "acme", table: "users", id: "7", reason: "again") == 0)
                #expect(
                    try await client.eraseValues(of: "acme", table: "users'; --", id: "%", reason: "x") == 0)
            }
            #expect(try await world.owner.number(about + "'users/7'") == 0)
            #expect(try await world.owner.number(about + "'users/8'") == beside)
            #expect(try await world.owner.count(values) == before - held)
            let globex = try await world.values(world.globex)
            #expect(
                try await world.owner.number("SELECT count(*) FROM \(globex) WHERE about = 'users/7'") >= 1)
            let record = try await world.owner.value(
                "SELECT detail::text FROM piste_test.trail('\(world.acme)') "
                    + "WHERE action = 'audit.erase' AND resource = 'users/7' ORDER BY seq LIMIT 1")
            #expect(record.contains("asked to be forgotten") && record.contains("\(held)"))
            #expect(try await world.verifyThere("acme").isIntact)
            #expect(try await world.verify("acme").isIntact)
        }
    }

    @Test func isForAdminsWithAReason() async throws {
        try await EngineWorld.run { world in
            try await world.change(world.acme, to: "kept")
            let values = try await world.values(world.acme)
            let before = try await world.owner.count(values)
            let erase = "erase_values('acme', 'users', '7', 'why')"
            for login in [world.alice, world.carol, world.shop, world.till] {
                let outsider = try await world.connect(login)
                #expect(try await outsider.refusal(erase) == "not_allowed", "\(login)")
                await outsider.close()
            }
            let (insider, _) = try await world.inside("acme", as: world.alice)
            #expect(try await insider.refusal(erase) == "not_allowed")
            await insider.close()
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN")
            let nobody = try await world.connect(stranger)
            #expect(await nobody.sqlState("SELECT * FROM piste.\(erase)") == "42501")
            await nobody.close()
            let bob = try await world.connect(world.bob)
            for arguments in [
                "'acme', 'users', '7', NULL", "'acme', 'users', '7', E' \\n'", "'acme', '', '7', 'why'",
                "'acme', 'users', '', 'why'", "NULL, 'users', '7', 'why'",
            ] {
                #expect(
                    await bob.sqlState("SELECT * FROM piste.erase_values(\(arguments))") == "PT400",
                    "\(arguments)")
            }
            #expect(
                await bob.sqlState(
                    "SELECT * FROM piste.erase_values('acme', 'users', '7', $1)",
                    [.text(String(repeating: "x", count: 1_001))]) == "PT413")
            #expect(
                try await bob.refusal("erase_values('nowhere', 'users', '7', 'why')") == "unknown_company")
            #expect(try await world.owner.count(values) == before)
            #expect(try await bob.refusal(erase) == nil)
            #expect(try await world.owner.count(values) < before)
            await bob.close()
        }
    }
}
