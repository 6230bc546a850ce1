import Postgres
import TestSupport
import Testing
import Text

@testable import Tenancy

/// Attacks on the exchange of an ID token: each is refused with a code and a record, and a good token goes through afterwards.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct IDTokenAttackTests {
    typealias Recipe = PaperProvider.Recipe

    /// What is done to a token, and the code with which it is refused.
    private static let attacks: [(what: String, recipe: Recipe, code: String)] = [
        ("no signature", Recipe(alg: "none", key: "nothing"), "id_token_algorithm"),
        ("no signature, spelled otherwise", Recipe(alg: "nOnE", key: "nothing"), "id_token_algorithm"),
        ("no signature under a good algorithm", Recipe(key: "nothing"), "id_token_malformed"),
        ("the public key as a secret", Recipe(alg: "HS256", key: "public"), "id_token_algorithm"),
        ("the public key as a secret, called RS256", Recipe(key: "public"), "id_token_signature"),
        ("RSA under the curve's name", Recipe(kid: "ec-1"), "id_token_algorithm"),
        ("the curve under RSA's name", Recipe(alg: "ES256", key: "ec"), "id_token_algorithm"),
        ("the curve's signature, called RS256", Recipe(key: "ec", kid: "ec-1"), "id_token_algorithm"),
        ("RSA's signature, called ES256", Recipe(alg: "ES256", key: "rsa"), "id_token_algorithm"),
        ("another RSA algorithm", Recipe(alg: "RS512", key: "rsa"), "id_token_algorithm"),
        ("a key that is too short", Recipe(key: "weak", kid: "weak-1"), "id_token_unknown_key"),
        ("a key of nobody", Recipe(key: "other"), "id_token_signature"),
        (
            "a key of nobody under a name of nobody", Recipe(key: "other", kid: "rsa-2"),
            "id_token_unknown_key"
        ),
        ("RSA's signature under the name of PSS", Recipe(alg: "PS256"), "id_token_algorithm"),
        ("the right key under another name", Recipe(kid: "rsa-1 "), "id_token_unknown_key"),
        ("a name that is no text", Recipe(kid: nil, header: ["kid": ["rsa-1"]]), "id_token_malformed"),
        (
            "a key brought along",
            Recipe(key: "other", header: ["jwk": "{}", "jku": "https://evil.example"]),
            "id_token_signature"
        ),
        ("a demand in the header", Recipe(header: ["crit": ["exp"]]), "id_token_malformed"),
        ("an access token", Recipe(header: ["typ": "at+jwt"]), "id_token_malformed"),
        ("an access token by its payload", Recipe(["typ": "Bearer"]), "id_token_kind"),
        ("an offline token", Recipe(["typ": "Offline"]), "id_token_kind"),
        ("a kind that is no text", Recipe(["typ": ["ID"]]), "id_token_kind"),
        ("another use", Recipe(["token_use": "access"]), "id_token_kind"),
        ("a logout token", Recipe(["events": "{}"]), "id_token_kind"),
        ("rights in it", Recipe(["scope": "openid"]), "id_token_kind"),
        ("a day that is over", Recipe(["iat": .later(-90_000)]), "id_token_expired"),
        ("another issuer", Recipe(["iss": "https://id.globex.example"]), "id_token_issuer"),
        ("almost the issuer", Recipe(["iss": "https://id.acme.example/"]), "id_token_issuer"),
        ("no issuer", Recipe(["iss": .absent]), "id_token_issuer"),
        ("another audience", Recipe(["aud": "globex-app"]), "id_token_audience"),
        ("no audience", Recipe(["aud": .absent]), "id_token_audience"),
        ("an audience of none", Recipe(["aud": []]), "id_token_audience"),
        ("two audiences and no party", Recipe(["aud": ["acme-app", "globex-app"]]), "id_token_audience"),
        (
            "two audiences and the other party",
            Recipe(["aud": ["acme-app", "globex-app"], "azp": "globex-app"]), "id_token_audience"
        ),
        ("one audience and another party", Recipe(["azp": "globex-app"]), "id_token_audience"),
        ("expired", Recipe(["exp": .later(-1)]), "id_token_expired"),
        ("expired long ago", Recipe(["iat": .later(-7200), "exp": .later(-3600)]), "id_token_expired"),
        ("no end", Recipe(["exp": .absent]), "id_token_malformed"),
        ("an end in words", Recipe(["exp": "never"]), "id_token_malformed"),
        ("no date", Recipe(["iat": .absent]), "id_token_malformed"),
        ("no subject", Recipe(["sub": .absent]), "id_token_malformed"),
        ("issued in the future", Recipe(["iat": .later(300)]), "id_token_early"),
        ("not yet valid", Recipe(["nbf": .later(300)]), "id_token_early"),
        ("valid from a text on", Recipe(["nbf": "yesterday"]), "id_token_early"),
        ("a nonce that was not given", Recipe(["nonce": "n"]), "id_token_nonce"),
        ("an unverified address", Recipe(["email_verified": false]), "id_token_email"),
        ("an address of which nothing is said", Recipe(["email_verified": .absent]), "id_token_email"),
        ("no address", Recipe(["email": .absent]), "id_token_email"),
        ("two addresses", Recipe(["email": "ada@acme.example,x@y.example"]), "id_token_email"),
        ("an address with a line break", Recipe(["email": "ada@acme.example\n"]), "id_token_email"),
        ("an address that turns around", Recipe(["email": "ada@acme.example\u{202E}"]), "id_token_email"),
        ("nobody", Recipe(["email": "eve@acme.example"]), "user_unknown"),
        ("somebody of another company", Recipe(["email": "u1@globex.example"]), "user_unknown"),
        ("somebody who was suspended", Recipe(["email": "sue@acme.example"]), "user_inactive"),
        ("somebody who was only invited", Recipe(["email": "ian@acme.example"]), "user_inactive"),
    ]

    /// What must be let through, so that what is refused is refused for what is wrong with it.
    private static let good: [(what: String, recipe: Recipe)] = [
        ("RS256", Recipe()),
        ("ES256", Recipe(alg: "ES256", key: "ec", kid: "ec-1")),
        ("one audience in a list", Recipe(["aud": ["acme-app"]])),
        (
            "two audiences, and this one asked",
            Recipe(["aud": ["acme-app", "globex-app"], "azp": "acme-app"])
        ),
        ("no name of a key, of which one has the algorithm", Recipe(alg: "ES256", key: "ec", kid: nil)),
        ("an address verified in words", Recipe(["email_verified": "true"])),
        ("Ada in capitals", Recipe(["email": "Ada@ACME.example"])),
        ("an ID token that says so", Recipe(["typ": "ID", "token_use": "id"])),
        ("an end that no clock reaches", Recipe(["exp": .later(90_000_000_000)])),
        ("a clock a little ahead", Recipe(["iat": .later(30), "nbf": .later(30)])),
        ("no kind in the header", Recipe(header: ["typ": "jwt"])),
        ("a thumbprint in the header", Recipe(header: ["x5t": "abc", "jku": "https://evil.example"])),
    ]

    @Test func refusesEveryForgeryAndTakesWhatIsGood() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            let bad = try await paper.tokens(Self.attacks.map(\.recipe))
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER append_only")
            for (attack, token) in zip(Self.attacks, bad) {
                // The trail takes twenty such records a minute: here each must be seen.
                try await world.owner.query("DELETE FROM piste_test.\(world.acme)")
                let error = await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: token, company: "acme")
                }
                #expect(
                    error?.refusalCode == attack.code, "\(attack.what): \(error?.message ?? "let through")")
                #expect(try await world.records("token.refused", in: world.acme) == 1, "\(attack.what)")
                let record = try await world.lastRecord("token.refused", in: world.acme)
                #expect(record.contains("\"refusal\": \"\(attack.code)\""), "\(attack.what)")
                #expect(record.contains(IDToken.digest(of: token)), "\(attack.what)")
                #expect(!record.contains(String(token.suffix(40))), "the trail holds no token")
                #expect(try await world.records("token.exchange", in: world.acme) == 0)
            }
            for (good, token) in zip(Self.good, try await paper.tokens(Self.good.map(\.recipe))) {
                let error = await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: token, company: "acme")
                }
                #expect(error == nil, "\(good.what): \(error?.message ?? "")")
            }
            #expect(try await world.records("token.exchange", in: world.acme) == Self.good.count)
            await shop.close()
        }
    }

    @Test func refusesATokenThatWasTouched() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            let token = try await paper.token()
            let other = try await paper.token(["email": "u2@acme.example"])
            let part = token.split(separator: ".").map(String.init)
            let foreign = other.split(separator: ".").map(String.init)
            let edited = try #require(Base64URL.bytes(part[1])).withReplaced("ada@", "u02@")
            let last = part[2].last == "A" ? "B" : "A"
            for (forged, code) in [
                (part[0] + "." + Base64URL.text(edited) + "." + part[2], "id_token_signature"),
                (part[0] + "." + foreign[1] + "." + part[2], "id_token_signature"),
                (part[0] + "." + part[1] + ".", "id_token_malformed"),
                (part[0] + "." + part[1], "id_token_malformed"),
                (token + ".", "id_token_malformed"),
                (token + "=", "id_token_malformed"),
                (" " + token, "id_token_malformed"),
                (part[0] + "." + part[1] + "." + part[2].dropLast(3) + "AAA", "id_token_signature"),
                // The same bytes in another spelling: bits that no byte needs.
                (
                    part[0] + "." + part[1] + "." + part[2].dropLast() + last,
                    "id_token_malformed id_token_signature"
                ),
                ("", "id_token_malformed"), ("a.b.c", "id_token_malformed"),
                (String(repeating: "a", count: IDToken.longest) + ".b.c", "id_token_malformed"),
            ] {
                let error = await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: forged, company: "acme")
                }
                #expect(code.contains(error?.refusalCode ?? "let through"), "\(forged.prefix(50)): \(code)")
            }
            _ = try await shop.exchange(idToken: token, company: "acme")
            await shop.close()
        }
    }

    @Test func holdsToTheNonce() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            let tokens = try await paper.tokens([
                Recipe(["nonce": "n-1"]), Recipe(), Recipe(["nonce": ["n-1"]]), Recipe(["nonce": ""]),
            ])
            for (token, nonce): (String, String?) in [
                (tokens[0], nil), (tokens[0], "n-2"), (tokens[0], "N-1"), (tokens[0], ""), (tokens[1], "n-1"),
                (tokens[1], ""), (tokens[2], "n-1"), (tokens[3], nil),
            ] {
                let error = await failure { () throws(TenancyError) in
                    _ = try await shop.exchange(idToken: token, nonce: nonce, company: "acme")
                }
                #expect(error?.refusalCode == "id_token_nonce", "\(nonce ?? "none")")
            }
            _ = try await shop.exchange(idToken: tokens[0], nonce: "n-1", company: "acme")
            _ = try await shop.exchange(idToken: tokens[1], company: "acme")
            await shop.close()
        }
    }

    @Test func takesATokenOnceAndOnlyForItsCompany() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let shop = try await world.client(world.shop)
            let token = try await paper.token()
            let missing = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: token, company: "globex")
            }
            #expect(missing?.refusalCode == "provider_missing")
            // Globex has a provider of its own, with the same keys and the same issuer: the audience tells them apart.
            let bob = try await world.client(world.bob)
            try await bob.setIdentityProvider(
                of: "globex", issuer: PaperProvider.issuer, audience: "globex-app", keys: .set(paper.jwks))
            try await world.owner.query(
                "INSERT INTO \(world.globex).users (email, name) VALUES ('ada@acme.example', 'Another Ada')")
            let foreign = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: token, company: "globex")
            }
            #expect(foreign?.refusalCode == "id_token_audience")
            let unknown = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: token, company: "initech")
            }
            #expect(unknown?.code == .notFound)

            let context = try await shop.exchange(idToken: token, company: "acme")
            let again = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: token, company: "acme")
            }
            #expect(again?.refusalCode == "id_token_used")
            let session = try await shop.enter(context)
            #expect(session.context.subject == "ada@acme.example")
            #expect(session.context.urlID == "acme")
            #expect(try await session.users(PageRequest(limit: 3)).rows.count == 3)
            await session.leave()
            #expect(try await world.records("token.exchange", in: world.globex) == 0)
            try await world.expectSoundTrails()
            await shop.close()
            await bob.close()
        }
    }

    @Test func suspensionAndLevelsHold() async throws {
        try await EngineWorld.run { world in
            let paper = try await world.signIn()
            let token = try await paper.token()
            for login in [world.alice, world.bob, world.carol] {
                let person = try await world.client(login)
                let error = await failure { () throws(TenancyError) in
                    _ = try await person.exchange(idToken: token, company: "acme")
                }
                #expect(error?.refusalCode == "not_allowed", "\(login)")
                await person.close()
            }
            let bob = try await world.client(world.bob)
            let shop = try await world.client(world.shop)
            try await bob.suspendCompany("acme")
            let error = await failure { () throws(TenancyError) in
                _ = try await shop.exchange(idToken: token, company: "acme")
            }
            #expect(error?.refusalCode == "company_suspended")
            try await bob.resumeCompany("acme")
            _ = try await shop.exchange(idToken: token, company: "acme")
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.context WHERE subject IS NOT NULL")
                    == 1)
            await bob.close()
            await shop.close()
        }
    }
}

extension [UInt8] {
    /// The bytes with the first occurrence of a text replaced by another of the same length.
    fileprivate func withReplaced(_ old: String, _ new: String) -> [UInt8] {
        Array(
            String(decoding: self, as: UTF8.self).split(
                separator: old, maxSplits: 1, omittingEmptySubsequences: false
            )
            .joined(separator: new).utf8)
    }
}
