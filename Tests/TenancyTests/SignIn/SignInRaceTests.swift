import Postgres
import Tenancy
import TestSupport
import Testing

/// A provider that changes while somebody signs in: no token outlives what it was given for.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct SignInRaceTests {
    /// What an admin does, what an exchange that comes behind it is refused with, and how the user is named.
    private static let changes = [
        (
            "set_company_provider('acme', 'https://other.example', 'other', 'https://other.example/k')",
            "id_token_issuer"
        ),
        ("remove_company_provider('acme')", "provider_missing"),
        ("link_user('acme', '00u1', NULL)", "user_unknown"),
    ]

    /// Has acme's users named by their numbers, with one for Ada.
    private static func link(_ world: EngineWorld) async throws {
        let paper = try await world.signIn()
        let bob = try await world.client(world.bob)
        try await bob.setIdentityProvider(
            of: "acme",
            SignInRules(
                issuer: PaperProvider.issuer, audiences: [PaperProvider.audience], userClaim: .subject),
            keys: .set(paper.jwks))
        try await bob.linkUser(of: "acme", subject: "00u1", email: "ada@acme.example")
        await bob.close()
    }

    private static func exchange(_ connection: Connection) async throws -> (refusal: String?, token: String?)
    {
        let row = try await connection.query(
            """
            SELECT * FROM piste.exchange_id_token('acme', $1, $2, '00u1', repeat('a', 64),
                clock_timestamp() + interval '10 min', user_claim => 'sub')
            """, [.text(PaperProvider.issuer), .text(PaperProvider.audience)])[0]
        return (
            try row.optionalString("refusal")?.split(separator: ":").first.map(String.init),
            try row.optionalString("token")
        )
    }

    @Test(arguments: changes)
    func aTokenThatIsGivenMeanwhileEndsWithTheChange(change: String, refusal: String) async throws {
        try await EngineWorld.run { world in
            try await Self.link(world)
            let shop = try await world.declared()
            let bob = try await world.connect(world.bob)
            try await shop.query("BEGIN")
            let given = try await Self.exchange(shop)
            #expect(given.refusal == nil)
            let changing = Task { try await bob.refusal(change) }
            #expect(try await world.waits(bob))
            try await shop.query("COMMIT")
            #expect(try await changing.value == nil)
            #expect(try await shop.enter(try #require(given.token)) == "token_ended")
            await shop.close()
            await bob.close()
            try await world.expectSoundTrails()
        }
    }

    @Test(arguments: changes)
    func anExchangeBehindTheChangeKnowsOfIt(change: String, refusal: String) async throws {
        try await EngineWorld.run { world in
            try await Self.link(world)
            let shop = try await world.declared()
            let bob = try await world.connect(world.bob)
            try await bob.query("BEGIN")
            #expect(try await bob.refusal(change) == nil)
            let exchanging = Task { try await Self.exchange(shop) }
            #expect(try await world.waits(shop))
            try await bob.query("COMMIT")
            let answer = try await exchanging.value
            #expect(answer.refusal == refusal && answer.token == nil)
            await shop.close()
            await bob.close()
        }
    }

    /// Exchanges stand in nobody's way but a change's, and whoever idles in one is ended for it.
    @Test func whoIdlesInAnExchangeHoldsNobodyUp() async throws {
        try await EngineWorld.run { world in
            try await Self.link(world)
            let idler = try await world.declared()
            try await idler.query("BEGIN")
            #expect(try await Self.exchange(idler).refusal == nil)
            // Another service, in another transaction: at the same time.
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme", action: "users.sign_in")) == nil)
            let second = try await till.query(
                """
                SELECT refusal FROM piste.exchange_id_token('acme', $1, $2, '00u1', repeat('b', 64),
                    clock_timestamp() + interval '10 min', user_claim => 'sub')
                """, [.text(PaperProvider.issuer), .text(PaperProvider.audience)])[0]
            #expect(try second.isNull("refusal"))
            try await till.query("COMMIT")
            let bob = try await world.connect(world.bob)
            let changing = Task { try await bob.refusal("remove_company_provider('acme')") }
            #expect(try await world.waits(bob))
            let isEnded = try await eventually {
                try await world.owner.query("SELECT FROM piste.sweep() WHERE did = 'blocker'")
                return try await !world.backendLives(idler.backendPID)
            }
            #expect(isEnded)
            #expect(try await changing.value == nil)
            for connection in [idler, till, bob] { await connection.close() }
            try await world.expectSoundTrails()
        }
    }
}
