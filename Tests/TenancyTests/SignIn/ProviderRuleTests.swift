import Postgres
import TestSupport
import Testing

@testable import Tenancy

/// What an admin says of a provider holds in PostgreSQL: who shares a client, whom a number stands for, whose address it is.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct ProviderRuleTests {
    private static func rules(_ claims: [String: String] = [:], _ claim: UserClaim = .email) -> SignInRules {
        SignInRules(
            issuer: PaperProvider.issuer, audiences: [PaperProvider.audience, "acme-mobile"],
            userClaim: claim,
            trustsAddresses: claim != .email, requiredClaims: claims)
    }

    @Test func oneClientServesManyCompanies() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let bob = try await world.client(world.bob)
            let shop = try await world.client(world.shop)
            func set(_ company: String, _ claims: [String: String]) async -> String? {
                await failure { () throws(TenancyError) in
                    try await bob.setIdentityProvider(of: company, Self.rules(claims), keys: .set(paper.jwks))
                }?.refusalCode
            }
            #expect(await set("acme", ["hd": "acme.example"]) == nil)
            #expect(await set("globex", [:]) == "provider_taken")
            #expect(await set("globex", ["hd": "acme.example"]) == "provider_taken")
            #expect(await set("globex", ["org": "globex"]) == "provider_taken", "a token could have both")
            #expect(await set("globex", ["hd": "globex.example"]) == nil)
            try await world.owner.query(
                "INSERT INTO \(world.globex).users (email, name) VALUES ('ada@acme.example', 'Another Ada')")
            let tokens = try await paper.tokens([
                .init(["hd": "acme.example"]), .init(["hd": "globex.example"]), .init(),
            ])
            for (token, company, code) in [
                (tokens[0], "globex", "id_token_claims"), (tokens[1], "acme", "id_token_claims"),
                (tokens[2], "acme", "id_token_claims"), (tokens[0], "acme", nil), (tokens[1], "globex", nil),
            ] {
                let error = await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: token, company: company)
                }
                #expect(error?.refusalCode == code, "\(company): \(error?.message ?? "")")
            }
            // A service that forgot to look at the claims is refused by PostgreSQL itself.
            let careless = try await world.declared()
            #expect(try await careless.exchange().refusal == "id_token_claims")
            #expect(
                try await careless.exchange(audience: "x").refusal == "id_token_audience",
                "one is told, always the same")
            await careless.close()
            let record = try await world.lastRecord("company.provider", in: world.acme)
            #expect(record.contains("\"hd\": \"acme.example\"") && record.contains("acme-mobile"))
            await bob.close()
            await shop.close()
            try await world.expectSoundTrails()
        }
    }

    @Test func aNumberStandsForWhomAnAdminLinked() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let bob = try await world.client(world.bob)
            let shop = try await world.client(world.shop)
            try await bob.setIdentityProvider(of: "acme", Self.rules([:], .subject), keys: .set(paper.jwks))
            let tokens = try await paper.tokens([
                .init(["sub": "00u1"]), .init(["sub": "00u1"]), .init(["sub": "00u2"]),
            ])
            func exchange(_ token: String) async -> String? {
                await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: token, company: "acme")
                }?.refusalCode
            }
            #expect(await exchange(tokens[0]) == "user_unknown")
            try await bob.linkUser(of: "acme", subject: "00u1", email: "ada@acme.example")
            #expect(try await world.lastRecord("company.provider", in: world.acme).contains("00u1"))
            let context = try await shop.exchange(idToken: tokens[0], company: "acme")
            let session = try await shop.enter(context)
            #expect(session.context.subject == "ada@acme.example")
            #expect(await exchange(tokens[2]) == "user_unknown")
            // Without the link nobody is meant, and whoever came by it is thrown out.
            try await bob.linkUser(of: "acme", subject: "00u1", email: nil)
            let over = await failure { () throws(TenancyError) in _ = try await session.users() }
            #expect(over?.code == .contextEnded)
            #expect(await exchange(tokens[1]) == "user_unknown")
            session.abandon()
            for login in [world.alice, world.carol, world.shop] {
                let person = try await world.connect(login)
                #expect(
                    try await person.refusal("link_user('acme', 'x', 'ada@acme.example')") == "not_allowed",
                    "\(login)")
                #expect(await person.sqlState("SELECT * FROM piste.linked_user") == "42501")
                await person.close()
            }
            await bob.close()
            await shop.close()
            try await world.expectSoundTrails()
        }
    }

    /// A number stands for somebody at its issuer and in its claim: with either, and with the provider, the links are gone.
    @Test func linksGoWithTheirProvider() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let bob = try await world.client(world.bob)
            let shop = try await world.client(world.shop)
            func set(_ claim: UserClaim, _ issuer: String = PaperProvider.issuer) async throws {
                var rules = Self.rules([:], claim)
                rules.issuer = issuer
                try await bob.setIdentityProvider(of: "acme", rules, keys: .set(paper.jwks))
            }
            func refused() async throws -> String? {
                let token = try await paper.token(["sub": .text("00u1")])
                return await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: token, company: "acme")
                }?.refusalCode
            }
            let links = "piste.linked_user"
            for (change, isKept) in [
                ("another claim that names users by their address", true), ("the other number", false),
                ("another issuer", false), ("no provider", false),
            ] {
                try await set(.subject)
                try await bob.linkUser(of: "acme", subject: "00u1", email: "ada@acme.example")
                #expect(try await refused() == nil, "\(change)")
                switch change {
                case "the other number": try await set(.objectID)
                case "another issuer": try await set(.subject, "https://other.example")
                case "no provider": try await bob.removeIdentityProvider(of: "acme")
                default: try await set(.email)
                }
                #expect(try await world.owner.count(links) == (isKept ? 1 : 0), "\(change)")
                if !isKept {
                    let record = try await world.lastRecord("company.provider", in: world.acme)
                    #expect(record.contains("\"links_removed\": 1"), "\(change): \(record)")
                }
                try await set(.subject)
                #expect(try await refused() == (isKept ? nil : "user_unknown"), "\(change)")
                if isKept { try await bob.linkUser(of: "acme", subject: "00u1", email: nil) }
            }
            await bob.close()
            await shop.close()
            try await world.expectSoundTrails()
        }
    }

    /// Of a large company only those are compared that the index of fragments finds: they are the same.
    @Test(arguments: [false, true])
    func comparesAddressesAsPeopleExpect(isGrown: Bool) async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            try await world.owner.query(
                """
                INSERT INTO \(world.acme).users (email, name) VALUES
                    ('Grace.Hopper@acme.example', 'Grace'), ('uma@bücher.example', 'Uma'),
                    ('eve@xn--bcher-kva.example', 'Eve'), ('twin@acme.example', 'Twin'), ('TWIN@acme.example', 'Other twin'),
                    ('a_b%c\\d@acme.example', 'Signs'), ('axbyc\\d@acme.example', 'No signs'),
                    (normalize('Zoë@acme.example', NFD), 'Zoë')
                """)
            if isGrown {
                try await world.owner.query("SET ROLE piste_owner")
                try await world.owner.query("SELECT piste.grow(id) FROM piste.company WHERE url_id = 'acme'")
                try await world.owner.query("RESET ROLE")
                let index = "to_regclass('\(world.acme).users_by_fragment')"
                #expect(try await world.owner.value("SELECT \(index) IS NOT NULL") == "t")
            }
            for (claimed, found) in [
                ("grace.hopper@ACME.example", "Grace.Hopper@acme.example"),
                ("uma@xn--bcher-kva.example", "uma@bücher.example"),
                ("Eve@BÜCHER.example", "eve@xn--bcher-kva.example"),
                ("uma@bu\u{308}cher.example", "uma@bücher.example"),
                ("TWIN@acme.example", "TWIN@acme.example"),
                ("Twin@acme.example", nil), ("grace.hopper+x@acme.example", nil),
                ("gracehopper@acme.example", nil),
                ("A_B%C\\D@acme.example", "a_b%c\\d@acme.example"),
                ("ZOË@acme.example", "Zoe\u{308}@acme.example"), ("%@acme.example", nil),
                ("_wi_@acme.example", nil),
                ("uma@bucher.example", nil), ("uma@xn--bcher.example", nil),
            ] as [(String, String?)] {
                let token = try await paper.token(["email": .text(claimed)])
                if let found {
                    let context = try await shop.exchange(idToken: token, company: "acme")
                    let session = try await shop.enter(context)
                    #expect(session.context.subject?.utf8.elementsEqual(found.utf8) == true, "\(claimed)")
                    await session.leave()
                } else {
                    let error = await failure { () throws(TenancyError) in
                        _ = try await shop.exchange(idToken: token, company: "acme")
                    }
                    #expect(error?.refusalCode == "user_unknown", "\(claimed)")
                }
            }
            await shop.close()
        }
    }

    /// An end that no clock reaches is a day: as long as that the token is remembered.
    @Test func remembersATokenAsLongAsItLives() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            let token = try await paper.token(["exp": .later(90_000_000_000)])
            _ = try await shop.exchange(idToken: token, company: "acme")
            #expect(
                try await world.owner.value(
                    "SELECT bool_and(expires_at BETWEEN now() + interval '23 hours' AND now() + interval '1 day') FROM piste.exchanged_token"
                )
                    == "t")
            let again = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: token, company: "acme")
            }
            #expect(again?.refusalCode == "id_token_used")
            await shop.close()
        }
    }

    @Test func refusesRulesThatCannotBe() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let call =
                "SELECT * FROM piste.set_company_provider('acme', 'https://id.example', 'a', 'https://id.example/k', "
            for more in [
                "user_claim => 'name'", "user_claim => 'upn'", "user_claim => 'preferred_username'",
                "user_claim => NULL",
                "claims => '[]'", "claims => '{\"hd\": 7}'", "claims => '{\"iss\": \"x\"}'", "claims => NULL",
                "claims => '{\"hd\": \"\"}'", "audiences => ARRAY['']", "audiences => ARRAY[NULL]",
            ] {
                #expect(await bob.sqlState(call + more + ")") == "PT400", "\(more)")
            }
            #expect(await bob.sqlState(call + "user_claim => 'upn', trust_addresses => true)") == nil)
            await bob.close()
        }
    }
}
