import Postgres
import TestSupport
import Testing

/// No row without an open context, and none before its record is committed.
struct GateTests {
    @Test func refusesEveryTableWithoutAContext() async throws {
        try await EngineWorld.run { world in
            for login in [world.alice, world.bob, world.carol, world.shop] {
                let connection = try await world.connect(login)
                for table in ["users", "journeys", "journey_steps"] {
                    #expect(await connection.sqlState("SELECT * FROM \(world.acme).\(table)") == "42501")
                    #expect(
                        await connection.sqlState("SELECT * FROM \(world.acme.windows).\(table)") == "42501")
                }
                #expect(await connection.sqlState("SELECT piste.declare('users.read', 'users')") == "PT401")
                await connection.close()
            }
        }
    }

    @Test func givesNoRowBeforeTheDeclarationIsCommitted() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            #expect(try await alice.count("users") == 0)
            try await alice.transaction { alice in
                try await alice.declare()
                #expect(try await alice.count("users") == 0)
            }
            #expect(try await alice.count("users") == EngineWorld.users)
            #expect(try await alice.count("journeys") == 0)
            try await alice.declare("users, journeys")
            #expect(try await alice.count("journeys") == 5)
            #expect(await alice.sqlState("SELECT piste.declare('users.read', 'secrets')") == "PT400")
            #expect(await alice.sqlState("SELECT piste.declare('context.close', 'users')") == "PT400")
            await alice.close()
        }
    }

    @Test func readsAfterEnteringWithADeclaration() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            #expect(try await alice.refusal("enter($1, 'users.read', 'users')", [.text(token.text)]) == nil)
            #expect(try await alice.count("users") == EngineWorld.users)
            #expect(try await world.lastRecord("users.read", in: world.acme).contains(token.jti))
            await alice.close()
        }
    }

    @Test(arguments: ["REPEATABLE READ", "SERIALIZABLE"])
    func staysShutWhereASnapshotOutlivesARevocation(level: String) async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await alice.query("BEGIN ISOLATION LEVEL \(level)")
            #expect(try await alice.count("users") == 0)
            #expect(await alice.sqlState("SELECT piste.declare('users.read', 'users')") == "PT409")
            try await alice.query("ROLLBACK")
            #expect(try await alice.count("users") == EngineWorld.users)
            await alice.close()
        }
    }

    @Test func keepsTwoContextsOfOneLoginApart() async throws {
        try await EngineWorld.run { world in
            let (acme, _) = try await world.inside("acme", as: world.alice)
            let (globex, _) = try await world.inside("globex", as: world.alice)
            try await acme.declare()
            try await globex.declare()
            let foreign = "SELECT count(*) FILTER (WHERE email NOT LIKE $1) FROM users"
            #expect(try await acme.number(foreign, ["%@acme.example"]) == 0)
            #expect(try await globex.number(foreign, ["%@globex.example"]) == 0)
            #expect(try await acme.count("users") == EngineWorld.users)
            #expect(try await globex.count("users") == EngineWorld.users)
            #expect(
                await acme.sqlState(
                    "SELECT FROM \(world.acme.windows).users, \(world.globex.windows).users") == "42501")
            // The membership is the login's; the gate is the backend's.
            try await globex.query("SET ROLE \(world.acme)_reader")
            #expect(try await globex.count("\(world.acme.windows).users") == 0)
            await acme.close()
            await globex.close()
        }
    }

    @Test func doesNotLetAReadingContextBorrowTheRoleOfAnImpersonation() async throws {
        try await EngineWorld.run { world in
            let (agent, _) = try await world.inImpersonation("acme", as: world.alice)
            let (reader, _) = try await world.inside("acme", as: world.alice)
            try await reader.query("SET ROLE \(world.acme)_agent")
            try await reader.declare()
            try await agent.declare()
            let change = "UPDATE \(world.acme.windows).users SET status = 'suspended' WHERE id = 1"
            #expect(await reader.sqlState(change) == "PT403")
            #expect(try await agent.query(change).affected == 1)
            await agent.close()
            await reader.close()
        }
    }

    @Test func asksTheServerAndNotItsMemoryAfterARollback() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let other = try await alice.token("globex")
            try await alice.query("BEGIN")
            #expect(try await alice.enter(other.text) == nil)
            #expect(try await alice.value("SELECT url_id FROM piste.whoami()") == "globex")
            try await alice.query("ROLLBACK")
            #expect(try await alice.value("SELECT url_id FROM piste.whoami()") == "acme")
            try await alice.declare()
            #expect(try await alice.value("SELECT min(email) FROM users").hasSuffix("@acme.example"))
            await alice.close()
        }
    }

    @Test func shutsForAPreparedStatementAfterLeaving() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await alice.query("PREPARE p AS SELECT count(*) FROM users")
            #expect(try await alice.number("EXECUTE p") == EngineWorld.users)
            #expect(try await alice.value("SELECT piste.leave()") == "left acme")
            // Outside there is neither the path nor the right.
            #expect(["42P01", "42501"].contains(await alice.sqlState("EXECUTE p")))
            #expect(try await alice.value("SELECT current_user") == world.alice)
            await alice.close()
        }
    }

    @Test func survivesNoDiscard() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await alice.query("DISCARD ALL")
            #expect(await alice.sqlState("SELECT FROM \(world.acme.windows).users") == "42501")
            try await alice.query("SET ROLE \(world.acme)_reader")
            #expect(try await alice.count("\(world.acme.windows).users") == 0)
            #expect(await alice.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410")
            try await alice.query("SELECT piste.leave()")
            #expect(try await world.memberships(world.alice) == 0)
            await alice.close()
        }
    }
}
