import Postgres
import TestSupport
import Testing

/// Tickets that were made with the tokens of people who signed in, when their company's identity provider changes.
struct ProviderTicketTests {
    private static let change =
        "set_company_provider('acme', '\(PaperProvider.issuer)', 'another audience', 'https://keys.example/set')"

    /// A token of Ada's, who signed in, for the service.
    private func token(_ till: Connection, _ digest: Character = "a") async throws -> String {
        #expect(await till.begin(using: try await till.ticket("acme", action: "users.sign_in")) == nil)
        let (refusal, token, _) = try await till.exchange(digest: digest)
        try await till.query("COMMIT")
        #expect(refusal == nil)
        return try #require(token)
    }

    private func ticket(_ till: Connection, by token: String) async throws -> String {
        try await till.query(
            "SELECT * FROM piste.ticket(token => $1, action => 'users.read', resource => 'users')",
            [.text(token)])[0].string("ticket")
    }

    @Test(
        "Unused and used ones end, on any connection; those without a token go on",
        arguments: [
            change, "remove_company_provider('acme')",
        ])
    func ends(change: String) async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            // A pool: any connection may have made what another one uses.
            let pool = try await (0..<4).asyncMap { _ in try await world.connect(world.till) }
            let text = try await token(pool[0])
            let unused = try await ticket(pool[1], by: text)
            let own = try await pool[1].ticket("acme")
            // Two at work: one for Ada, in a savepoint, and one for the service itself.
            try await pool[2].query("BEGIN")
            try await pool[2].query("SAVEPOINT s")
            #expect(await pool[2].use(try await ticket(pool[0], by: text)) == nil)
            #expect(try await pool[2].count("users") == EngineWorld.users + 3)
            #expect(await pool[3].begin(using: try await pool[0].ticket("acme")) == nil)
            #expect(try await pool[3].count("users") == EngineWorld.users + 3)

            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal(change) == nil)
            #expect(try await world.backendEnds(pool[2].backendPID))
            #expect(await pool[0].begin(using: unused) == "PT410")
            await pool[0].attempt("ROLLBACK")
            #expect(
                try await pool[0].refusal(
                    "ticket(token => $1, action => 'users.read', resource => 'users')", [.text(text)])
                    == "token_ended")
            // The controls: what nobody signed in for.
            #expect(try await pool[3].count("users") == EngineWorld.users + 3)
            #expect(await pool[3].sqlState("COMMIT") == nil)
            #expect(try await pool[0].reads(with: own) != nil)
            try await world.expectTickets(pool[0])
            for connection in pool + [bob] { await connection.close() }
        }
    }

    /// Who uses a ticket while the change is not committed yet finds everything in order: the gate shuts with the commit.
    @Test func whoIsInBetweenIsOutWithTheChange() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let till = try await world.connect(world.till)
            let busy = try await world.connect(world.till)
            let text = try await token(till)
            let waiting = try await ticket(till, by: text)
            // Somebody has its row at the moment of the change, which waits for nobody.
            let holder = try await world.database.superuser()
            try await holder.query("BEGIN")
            try await holder.query(
                "SELECT FROM piste.ticket WHERE id = $1::uuid FOR UPDATE", [.text(waiting)])
            let bob = try await world.connect(world.bob)
            try await bob.query("BEGIN")
            #expect(try await bob.refusal(Self.change) == nil)
            try await holder.query("ROLLBACK")
            #expect(await busy.begin(using: waiting) == nil)
            #expect(try await busy.count("users") == EngineWorld.users + 3)
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            try await bob.query("COMMIT")
            #expect(try await busy.count("users") == 0)
            await busy.attempt("SAVEPOINT s")
            #expect(await busy.sqlState("UPDATE users SET locale = 'xx'") == "PT410")
            await busy.attempt("ROLLBACK TO s")
            #expect(await busy.sqlState("SELECT * FROM piste.missed()") == "PT410")
            await busy.attempt("ROLLBACK TO s")
            #expect(await busy.sqlState("COMMIT") == "PT410")
            #expect(try await till.count("users") == EngineWorld.users + 3)
            #expect(await till.sqlState("COMMIT") == nil)
            for connection in [till, busy, holder, bob] { await connection.close() }
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ make: (Element) async throws -> Value) async rethrows -> [Value] {
        var made: [Value] = []
        for element in self { made.append(try await make(element)) }
        return made
    }
}
