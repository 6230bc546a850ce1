import Postgres
import TestSupport
import Testing

/// A company's own people, served by a service that has no sessions.
struct TicketSignInTests {
    @Test func anExchangeByTicketAndTicketsByItsToken() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let till = try await world.connect(world.till)
            // Outside, and by a ticket that does not name the users, there is no exchange.
            #expect(try await till.exchange().refusal == "not_inside")
            #expect(
                await till.begin(using: try await till.ticket("acme", "journeys", "read_only => true")) == nil
            )
            await #expect(throws: PostgresError.self) { try await till.exchange() }
            await till.attempt("ROLLBACK")
            #expect(await till.begin(using: try await till.ticket("globex")) == nil)
            #expect(try await till.exchange().refusal == "not_inside")
            await till.attempt("COMMIT")

            #expect(await till.begin(using: try await till.ticket("acme", action: "users.sign_in")) == nil)
            let (refusal, token, jti) = try await till.exchange()
            try await till.query("COMMIT")
            #expect(refusal == nil)
            let text = try #require(token)
            let row = try await till.query(
                """
                SELECT * FROM piste.ticket(token => $1, action => 'users.rename', resource => 'users')
                """, [.text(text)])[0]
            let ticket = try row.string("ticket")
            #expect(await till.begin(using: ticket) == nil)
            try await till.query("UPDATE users SET name = 'Ada L.' WHERE email = 'ada@acme.example'")
            // The user's own transaction is no place to exchange from.
            #expect(
                try await till.exchange(email: "sue@acme.example", digest: "b").refusal == "nested_exchange")
            try await till.query("COMMIT")
            #expect(
                try await world.entries(
                    of: ticket, "subject = 'ada@acme.example' AND action IN ('users.rename', 'users.update')")
                    == 2)
            // Two people in one transaction are two transactions.
            let own = try await till.ticket("acme")
            let another = try await till.query(
                "SELECT * FROM piste.ticket(token => $1, action => 'users.read', resource => 'users')",
                [.text(text)])[0]
                .string("ticket")
            #expect(await till.begin(using: own) == nil)
            #expect(await till.use(another) == "PT409")
            await till.attempt("ROLLBACK")
            // Ended, the token makes no ticket, and what it made is of no use.
            let bob = try await world.connect(world.bob)
            try await bob.query(
                "SELECT piste.end_context($1::uuid, 'signed out')", [.text(try #require(jti))])
            #expect(await till.begin(using: another) == "PT410")
            await till.attempt("ROLLBACK")
            #expect(
                try await till.refusal(
                    "ticket(token => $1, action => 'users.read', resource => 'users')", [.text(text)])
                    == "token_ended")
            // Nobody else uses the token.
            let shop = try await world.connect(world.shop)
            #expect(
                try await shop.refusal(
                    "ticket(token => $1, action => 'users.read', resource => 'users')", [.text(text)])
                    == "token_foreign")
            for connection in [till, bob, shop] { await connection.close() }
        }
    }
}
