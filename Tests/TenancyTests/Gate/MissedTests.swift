import Postgres
import TestSupport
import Testing

/// An empty result of a shut window is told apart from no rows, by whoever asks, and tells nothing of rows.
struct MissedTests {
    @Test("It names what was read in vain, and why", arguments: TestServers.all)
    func reasons(server: TestServer) async throws {
        try await EngineWorld.underAttack(on: server) { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            #expect(try await alice.missed == [])
            try await alice.declare()
            #expect(try await alice.count("users") == EngineWorld.users)
            #expect(try await alice.missed == [])
            #expect(try await alice.count("journeys") == 0)
            #expect(try await alice.missed == ["journeys: journeys was not named in the declaration"])
            // Told until the next declaration, and no longer.
            #expect(try await alice.missed.count == 1)
            try await alice.declare("users, journeys")
            #expect(try await alice.missed == [])
            #expect(try await alice.count("journeys") == 5)
            #expect(try await alice.missed == [])

            try await world.owner.query(
                "UPDATE piste.declaration SET declared_at = declared_at - interval '11 s'")
            #expect(try await alice.count("users") == 0)
            #expect(try await alice.missed == ["users: the declaration of users is over: declare again"])

            try await alice.query("BEGIN")
            try await alice.declare()
            #expect(try await alice.count("users") == 0)
            #expect(try await alice.missed == ["users: the declaration of users is not committed yet"])
            try await alice.query("COMMIT")
            #expect(try await alice.count("users") == EngineWorld.users)
            await alice.close()
        }
    }

    @Test("Where nothing can be read it is said, there and afterwards", arguments: TestServers.all)
    func useless(server: TestServer) async throws {
        try await EngineWorld.underAttack(on: server) { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            for level in ["REPEATABLE READ", "SERIALIZABLE"] {
                try await alice.declare()
                try await alice.query("BEGIN ISOLATION LEVEL \(level)")
                #expect(try await alice.count("users") == 0)
                #expect(await alice.sqlState("SELECT piste.missed()") == "PT409")
                try await alice.query("ROLLBACK")
                try await alice.query("BEGIN ISOLATION LEVEL \(level)")
                #expect(try await alice.count("users") == 0)
                try await alice.query("COMMIT")
                #expect(try await alice.missed == ["users: a context is used in READ COMMITTED only"])
            }
            try await alice.declare()
            try await alice.query("DECLARE held CURSOR WITH HOLD FOR SELECT 1")
            #expect(try await alice.count("users") == 0)
            #expect(await alice.sqlState("SELECT piste.missed()") == "PT409")
            try await alice.query("CLOSE held")
            #expect(try await alice.missed == ["users: a cursor is held beyond its transaction"])
            // The control: nothing but that stood in the way.
            #expect(try await alice.count("users") == EngineWorld.users)
            try await alice.query("BEGIN READ ONLY")
            #expect(try await alice.count("journeys") == 0)
            #expect(try await alice.missed.count == 2)
            try await alice.query("COMMIT")
            await alice.close()
        }
    }

    @Test("What it says is the same with rows and without", arguments: TestServers.all)
    func tellsNothingOfRows(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let questions = [
                "SELECT count(*) FROM journeys", "SELECT FROM journeys WHERE id = 1",
                "SELECT FROM journeys WHERE 1 / (id - id) = 1", "SELECT FROM journeys LIMIT 1",
                "SELECT FROM journeys j JOIN users u ON u.id = j.user_id",
                "SELECT FROM users u LEFT JOIN journeys j ON u.id = j.user_id",
                "SELECT FROM users u WHERE EXISTS (SELECT FROM journeys j WHERE j.user_id = u.id)",
                "SELECT FROM journeys UNION ALL SELECT FROM journeys",
            ]
            func answers() async throws -> [[String]] {
                var all: [[String]] = []
                for question in questions {
                    try await alice.declare()
                    try await alice.query(question)
                    all.append(try await alice.missed)
                }
                return all
            }
            let full = try await answers()
            #expect(full.allSatisfy { $0 == ["journeys: journeys was not named in the declaration"] })
            try await world.owner.query("DELETE FROM \(world.acme).journeys")
            #expect(try await answers() == full)
            await alice.close()
        }
    }

    @Test("It tells nobody of another company, of another session, or of somebody outside")
    func onlyOnesOwn() async throws {
        try await EngineWorld.underAttack { world in
            let (acme, _) = try await world.inside("acme", as: world.alice)
            let (globex, _) = try await world.inside("globex", as: world.alice)
            try await acme.declare()
            try await globex.declare()
            // The membership is the login's: the window can be read, and gives nothing.
            try await globex.query("SET ROLE \(world.acme)_reader")
            #expect(try await globex.count("\(world.acme.windows).users") == 0)
            #expect(try await globex.missed == ["users: this session is in another company"])
            #expect(try await acme.missed == [])
            // The gate, asked by hand, tells as little of a company that there is as of one that there is not.
            let acmeID = try await world.owner.value("SELECT id FROM piste.company WHERE url_id = 'acme'")
            for company in ["(SELECT gen_random_uuid())", "'\(acmeID)'"] {
                try await globex.query("SET ROLE \(world.globex)_reader")
                try await globex.declare()
                try await globex.query("SELECT piste.open_until(\(company)::uuid, 'users')")
                #expect(try await globex.missed == ["users: this session is in another company"])
            }
            // Names that are no tables are not kept, and what a client writes there itself misleads nobody else.
            try await globex.declare()
            try await globex.query("SELECT piste.open_until(gen_random_uuid(), repeat('x', 1000000))")
            try await globex.query("SELECT piste.open_until(gen_random_uuid(), NULL)")
            #expect(try await globex.missed == [])
            try await globex.query("SELECT set_config('piste.missed', E'nothing\\tx\\nusers\\ty', false)")
            #expect(try await globex.missed == ["users: y"])
            #expect(try await acme.missed == [])

            try await acme.query("SELECT piste.leave()")
            #expect(["PT401", "PT410"].contains(await acme.sqlState("SELECT piste.missed()")))
            let bob = try await world.connect(world.bob)
            #expect(await bob.sqlState("SELECT piste.missed()") == "PT401")
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN NOINHERIT")
            let outside = try await world.connect(stranger)
            #expect(await outside.sqlState("SELECT piste.missed()") == "42501")
            for connection in [acme, globex, bob, outside] { await connection.close() }
            try await world.owner.query("DROP ROLE \(stranger)")
        }
    }
}
