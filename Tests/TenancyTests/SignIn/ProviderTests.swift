import Postgres
import Tenancy
import TestSupport
import Testing

/// Setting and removing a company's identity provider, and who is thrown out by it.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct ProviderTests {
    @Test func setsTellsAndRemoves() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let bob = try await world.client(world.bob)
            let provider = try #require(try await bob.identityProvider(of: "acme"))
            #expect(provider.issuer == PaperProvider.issuer)
            #expect(provider.audience == PaperProvider.audience)
            #expect(provider.setBy == world.bob)
            #expect(try await bob.identityProvider(of: "globex") == nil)
            let record = try await world.lastRecord("company.provider", in: world.acme)
            #expect(record.contains("rsa-1") && record.contains("jwks_sha256"))

            #expect(
                try await bob.setIdentityProvider(
                    of: "acme", issuer: "http://127.0.0.1:8080", audience: "a",
                    keys: .address("http://[::1]:9/jwks"))
                    == 0)
            #expect(
                try await bob.identityProvider(of: "acme")?.keys == .address("http://[::1]:9/jwks"))
            #expect(try await world.records("company.provider", in: world.acme) == 2)
            // The same once more is no change.
            try await bob.setIdentityProvider(
                of: "acme", issuer: "http://127.0.0.1:8080", audience: "a",
                keys: .address("http://[::1]:9/jwks"))
            #expect(try await world.records("company.provider", in: world.acme) == 2)
            try await bob.removeIdentityProvider(of: "acme")
            #expect(try await bob.identityProvider(of: "acme") == nil)
            #expect(try await world.records("company.provider", in: world.acme) == 3)
            let missing = await failure { () throws(TenancyError) in
                try await bob.removeIdentityProvider(of: "acme")
            }
            #expect(missing?.refusalCode == "provider_missing")

            // One pair of issuer and audience is one company's.
            for company in ["acme", "globex"] {
                let taken = await failure { () throws(TenancyError) in
                    try await bob.setIdentityProvider(
                        of: company, issuer: "https://id.example", audience: "shared", keys: .set(paper.jwks))
                }
                #expect(taken?.refusalCode == (company == "acme" ? nil : "provider_taken"))
            }
            try await bob.setIdentityProvider(
                of: "globex", issuer: "https://id.example", audience: "own", keys: .set(paper.jwks))
            try await world.expectSoundTrails()
            await bob.close()
        }
    }

    @Test(arguments: [
        ("http://id.example", "a", "https://id.example/k"),
        ("https://id.example?x=1", "a", "https://id.example/k"),
        ("https://id.example#x", "a", "https://id.example/k"), ("id.example", "a", "https://id.example/k"),
        ("", "a", "https://id.example/k"), ("https://id.example", "", "https://id.example/k"),
        ("https://id.example", "a\n", "https://id.example/k"),
        ("https://id.example", "a", "http://id.example/k"),
        ("https://id.example", "a", "http://127.0.0.1.evil.example/k"),
        ("https://id.example", "a", "http://localhost@evil.example/k"),
        ("https://id.example", "a", "http://localhost:7@evil.example/k"),
        ("https://id.example", "a", "file:///etc/passwd"),
        ("https://id.example", "a", "https://user@id.example/k"),
        ("https://id.example", "a", "https://id.example/ k"),
        ("https://id.example\nx", "a", "https://id.example/k"),
        ("https://id.example:99999", "a", "https://id.example/k"),
        ("https://id.example", "a", "https://id.example:0/k"),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", "a", "https://id.example/k"),
        ("https://login.microsoftonline.com/common/v2.0", "a", "https://id.example/k"),
    ])
    func refusesAddressesThatOthersCouldChange(issuer: String, audience: String, address: String) async throws
    {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            let error = await failure { () throws(TenancyError) in
                try await bob.setIdentityProvider(
                    of: "acme", issuer: issuer, audience: audience, keys: .address(address))
            }
            #expect(error?.sqlState == "PT400", "\(error?.message ?? "taken")")
            #expect(try await bob.identityProvider(of: "acme") == nil)
            try await bob.setIdentityProvider(
                of: "acme", issuer: "https://id.example:8443/realms/a", audience: "a",
                keys: .address("https://id.example/k?v=2"))
            await bob.close()
        }
    }

    @Test func refusesAPrivateKeyAlsoFromAClientThatDoesNotLook() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let call =
                "SELECT * FROM piste.set_company_provider('acme', 'https://id.example', 'a', jwks => $1::jsonb)"
            for keys in [
                #"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ"}]}"#,
                #"{"keys":[{"kty":"oct","k":"AA"}]}"#,
                #"{"keys":[]}"#, #"[]"#, #"{"keys":{}}"#, #"{"keys":[7]}"#, #"{"keys":[{"kty":"OKP"}]}"#,
                #"{"keys":[{"kty":"RSA","x":"\#(String(repeating: "x", count: 65536))"}]}"#,
            ] {
                #expect(await bob.sqlState(call, [.text(keys)]) == "PT400", "\(keys.prefix(60))")
            }
            #expect(
                await bob.sqlState(call, [.text(#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}"#)]) == nil)
            #expect(
                await bob.sqlState(
                    "SELECT * FROM piste.set_company_provider('acme', 'https://id.example', 'a')")
                    == "PT400")
            await bob.close()
        }
    }

    @Test func anotherProviderThrowsOutWhoSignedInAtTheOldOne() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            let bob = try await world.client(world.bob)
            let tokens = try await paper.tokens([.init(), .init(), .init()])
            let opened = try await shop.enter(try await shop.exchange(idToken: tokens[0], company: "acme"))
            let unopened = try await shop.exchange(idToken: tokens[1], company: "acme")
            let own = try await world.session("acme", as: world.shop)
            let pid = Int32(try await world.backend(opened))
            #expect(
                try await bob.setIdentityProvider(
                    of: "acme", issuer: PaperProvider.issuer, audience: "acme-2", keys: .set(paper.jwks)) == 1
            )
            #expect(try await world.backendEnds(pid))
            let over = await failure { () throws(TenancyError) in _ = try await opened.users() }
            #expect(over?.code == .contextEnded)
            let dead = await failure { () throws(TenancyError) in _ = try await shop.enter(unopened) }
            #expect(dead?.refusalCode == "token_ended")
            #expect(try await own.users().rows.count > 0, "the service's own context is none of a user's")
            let old = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: tokens[2], company: "acme")
            }
            #expect(old?.refusalCode == "id_token_audience")
            opened.abandon()
            await own.leave()
            await bob.close()
            await shop.close()
        }
    }

    @Test func goesWithItsCompany() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            _ = try await shop.exchange(idToken: try await paper.token(), company: "acme")
            #expect(try await world.owner.count("piste.exchanged_token") == 1)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("delete_company('acme', 'acme')") == nil)
            #expect(try await world.owner.count("piste.exchanged_token") == 0)
            #expect(try await world.owner.count("piste.identity_provider") == 0)
            #expect(
                try await bob.refusal(
                    "set_company_provider('globex', '\(PaperProvider.issuer)', '\(PaperProvider.audience)', "
                        + "'https://id.acme.example/k')") == nil, "the pair is free again")
            await bob.close()
            await shop.close()
        }
    }
}
