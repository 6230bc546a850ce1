import Foundation
import Postgres
import TestSupport
import Testing

/// A standard JWT library, given the key by the cluster's owner, agrees about every token; what it forges opens nothing.
@Suite(.enabled(if: StandardLibrary.python != nil, "needs PyJWT (Debian's python3-jwt)"))
struct StandardLibraryTests {
    @Test func verifiesEachKindOfToken() async throws {
        try await EngineWorld.run { world in
            let company = try await world.owner.value("SELECT id FROM piste.company WHERE url_id = 'acme'")
            let secret = try await world.secret("acme")
            let alice = try await world.connect(world.alice)
            let shop = try await world.connect(world.shop)
            let access = try await alice.query("SELECT * FROM piste.generate_context_token('acme', 7)")[0]
            let service = try await shop.query("SELECT * FROM piste.generate_context_token('acme')")[0]
            let acting = try await alice.query(
                "SELECT * FROM piste.impersonate_company('acme', 'why', 'T-1', 'u1@acme.example', 5)")[0]
            for (row, subject, actor, purpose, minutes) in [
                (access, world.alice, nil, "access", 7), (service, world.shop, nil, "service", 30),
                (acting, "u1@acme.example", world.alice, "impersonation", 5),
            ] as [(Row, String, String?, String, Int)] {
                let (header, claims, error) = try await StandardLibrary.verify(
                    try row.string("token"), key: secret)
                #expect(error == nil, "\(purpose)")
                #expect(header["alg"] as? String == "HS256" && header["typ"] as? String == "piste+jwt")
                #expect(try await header["kid"] as? String == world.keys("acme").current)
                #expect(claims["iss"] as? String == "piste")
                #expect(claims["aud"] as? String == "acme")
                #expect(claims["sub"] as? String == subject)
                #expect((claims["act"] as? [String: Any])?["sub"] as? String == actor)
                #expect(try claims["jti"] as? String == row.string("jti"))
                #expect(claims["company"] as? String == company)
                #expect(claims["purpose"] as? String == purpose)
                let issued = try #require(claims["iat"] as? Int)
                #expect(claims["nbf"] as? Int == issued)
                #expect(claims["exp"] as? Int == issued + 60 * minutes)
                #expect(
                    try claims["exp"] as? Int
                        == Int(row.timestamp("expires_at").microseconds / 1_000_000))
                #expect(
                    Set(claims.keys).subtracting(["act"])
                        == ["iss", "aud", "sub", "jti", "iat", "nbf", "exp", "company", "purpose"])
            }
            await alice.close()
            await shop.close()
        }
    }

    @Test func refusesWhatTheEngineRefuses() async throws {
        try await EngineWorld.run { world in
            let secret = try await world.secret("acme")
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let part = token.split(separator: ".").map(String.init)
            let edited = try await world.owner.value(
                """
                SELECT piste.base64url(convert_to(replace(
                    piste.json_of_base64url($1)::text, '"access"', '"service"'), 'UTF8'))
                """, [.text(part[1])])
            let forged = [part[0], edited, part[2]].joined(separator: ".")
            #expect(try await StandardLibrary.verify(forged, key: secret).error == "InvalidSignatureError")
            #expect(try await alice.enter(forged) == "token_tampered")
            #expect(
                try await StandardLibrary.verify(token, key: world.secret("globex")).error
                    == "InvalidSignatureError")
            #expect(
                try await StandardLibrary.verify(token, key: secret, audience: "globex").error
                    == "InvalidAudienceError")
            #expect(
                try await StandardLibrary.verify(token, key: secret, issuer: "other").error
                    == "InvalidIssuerError")
            #expect(
                try await StandardLibrary.verify(token, key: secret, algorithms: ["HS512"]).error
                    == "InvalidAlgorithmError")
            #expect(
                try await StandardLibrary.verify(token, key: secret, later: 30 * 60 + 1).error
                    == "ExpiredSignatureError")
            #expect(try await StandardLibrary.verify(token, key: secret).error == nil)
            #expect(try await alice.enter(token) == nil)
            await alice.close()
        }
    }

    @Test func afterARotationTheNewKeyVerifiesTheNewTokenAndNotTheOld() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let (old, oldSecret) = (try await bob.token("acme").text, try await world.secret("acme"))
            let oldClaims = try await StandardLibrary.verify(old, key: oldSecret).claims
            let oldKid = try await world.keys("acme").current
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            let (new, newSecret) = (try await bob.token("acme"), try await world.secret("acme"))
            let newKid = try await world.keys("acme").current
            #expect(try await StandardLibrary.verify(new.text, key: newSecret).error == nil)
            #expect(try await StandardLibrary.verify(old, key: newSecret).error == "InvalidSignatureError")
            #expect(
                try await StandardLibrary.verify(new.text, key: oldSecret).error == "InvalidSignatureError")
            let newClaims = try await StandardLibrary.verify(new.text, key: newSecret).claims
            for (claims, key, kid, code) in [
                (oldClaims, oldSecret, oldKid, "token_old_key"),
                (newClaims, oldSecret, oldKid, "token_old_key"),
                (newClaims, newSecret, oldKid, "token_old_key"),
                (newClaims, oldSecret, newKid, "token_tampered"),
                // Signed anew, but the token itself has ended.
                (oldClaims, newSecret, newKid, "token_ended"),
            ] as [([String: Any], String, String, String)] {
                let forged = try await StandardLibrary.sign(claims, key: key, kid: kid)
                #expect(try await bob.enter(forged) == code)
                #expect(await bob.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            }
            let honest = try await StandardLibrary.sign(newClaims, key: newSecret, kid: newKid)
            #expect(try await bob.enter(honest) == nil)
            try await world.expectReading(bob)
            await bob.close()
        }
    }

    /// Whoever has the key still needs the record: a token is what PostgreSQL wrote down, not what it says.
    @Test func whatItForgesWithTheRightKeyOpensNothing() async throws {
        try await EngineWorld.underAttack { world in
            let secret = try await world.secret("acme")
            let kid = try await world.keys("acme").current
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let token = try await alice.token("acme")
            let elsewhere = try await alice.token("globex")
            let claims = try await StandardLibrary.verify(token.text, key: secret).claims
            func forged(_ changes: [String: Any], without: String? = nil) async throws -> String {
                var changed = claims.merging(changes) { $1 }
                if let without { changed[without] = nil }
                return try await StandardLibrary.sign(changed, key: secret, kid: kid)
            }
            // Its record is missing, or another company's.
            let unrecorded = [
                "00000000-0000-4000-8000-000000000000", UUID().uuidString.lowercased(), elsewhere.jti,
            ]
            for jti in unrecorded {
                #expect(try await alice.enter(forged(["jti": jti])) == "token_unknown", "\(jti)")
            }
            #expect(try await alice.enter(forged([:], without: "jti")) == "token_malformed")
            for jti in ["x", token.jti + " ", "' OR true --", 7, NSNull(), [token.jti]] as [Any] {
                #expect(try await alice.enter(forged(["jti": jti])) == "token_malformed", "\(jti)")
            }
            // Another login: the record says whose it is.
            let stolen = try await forged(["sub": world.bob, "act": ["sub": world.bob]])
            #expect(try await bob.enter(stolen) == "token_foreign")
            #expect(try await alice.enter(stolen) == "token_claims")
            // Another company, and another algorithm.
            let globex = try await world.owner.value("SELECT id FROM piste.company WHERE url_id = 'globex'")
            #expect(try await alice.enter(forged(["company": globex, "aud": "globex"])) == "token_tampered")
            #expect(try await alice.enter(forged([:], without: "company")) == "token_tampered")
            let longer = try await StandardLibrary.sign(claims, key: secret, kid: kid, algorithm: "HS512")
            #expect(try await alice.enter(longer) == "token_algorithm")
            // Every claim is what is on record, none is missing and none is new.
            let (issued, ends) = (
                try #require(claims["iat"] as? Int), try #require(claims["exp"] as? Int)
            )
            for (claim, value) in [
                ("iss", "else"), ("aud", "globex"), ("aud", ["acme"]), ("sub", world.bob),
                ("purpose", "service"),
                ("iat", issued - 1), ("nbf", issued + 1), ("nbf", "0"), ("exp", ends + 86_400),
                ("exp", ends - 1),
                ("exp", String(ends)), ("exp", Double(ends) + 0.5), ("act", ["sub": world.alice]),
                ("access", "read+write"),
            ] as [(String, Any)] {
                #expect(try await alice.enter(forged([claim: value])) == "token_claims", "\(claim): \(value)")
            }
            for claim in ["iss", "aud", "sub", "iat", "nbf", "exp", "purpose"] {
                #expect(
                    try await alice.enter(forged([:], without: claim)) == "token_claims", "without \(claim)")
            }
            let honest = try await forged([:])
            #expect(try await alice.enter(honest) == nil)
            try await world.expectReading(alice)
            #expect(await alice.sqlState("UPDATE users SET name = 'x'") == "42501")
            try await world.expire(token.jti)
            try await alice.query("SELECT piste.leave()")
            #expect(try await alice.enter(honest) == "token_expired")
            #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }
}

extension EngineWorld {
    /// The secret in use, as the cluster's owner reads it.
    func secret(_ company: String) async throws -> String {
        try await owner.value(
            """
            SELECT encode(k.secret, 'hex') FROM piste.signing_key k JOIN piste.company c ON c.id = k.company
            WHERE c.url_id = $1 AND k.retired_at IS NULL
            """, [.text(company)])
    }
}
