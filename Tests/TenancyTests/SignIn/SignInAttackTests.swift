import FoundationEssentials
import Postgres
import Signing
import Tenancy
import TestSupport
import Testing

/// Attacks on the exchange of ID tokens, over real connections, each beside a sign-in that is let through.
struct SignInAttackTests {
    private struct SignIn {
        let world: EngineWorld
        let issuer: TestIssuer
        let shop: TenancyClient

        /// A token of acme's provider for its first user, unless said otherwise.
        func token(
            issuer name: String = "https://id.acme.example", audience: String = "acme-app",
            email: String = "u1@acme.example", seconds: Int = 300, id: Int = .random(in: 0..<1 << 48),
            by signer: TestIssuer? = nil, nonce: String? = nil
        ) throws -> String {
            let now = Int(Date().timeIntervalSince1970)
            let nonce = nonce.map { ",\"nonce\":\"\($0)\"" } ?? ""
            return try (signer ?? issuer).token(
                """
                {"iss":"\(name)","aud":"\(audience)","sub":"s","jti":"\(id)","iat":\(now - 400),"exp":\(now + seconds),\
                "email":"\(email)","email_verified":true\(nonce)}
                """)
        }

        /// The refusal's code word; nil when a context token was given.
        func refusal(_ token: String, of company: String = "acme", nonce: String? = nil) async throws
            -> String?
        {
            do {
                _ = try await shop.exchange(idToken: token, for: company, nonce: nonce)
                return nil
            } catch let error as TenancyError {
                #expect(error.code == .refused, "\(error)")
                return error.refusalCode ?? "failed"
            }
        }

        func records(_ action: String, in home: String? = nil) async throws -> Int {
            try await world.owner.number(
                "SELECT count(*) FROM \(home ?? world.acme).audit WHERE action = $1", [.text(action)])
        }
    }

    private func run(_ body: (SignIn) async throws -> Void) async throws {
        try await EngineWorld.run { world in
            let issuer = try TestIssuer(keyID: "k1")
            let bob = try await world.client(world.bob)
            for company in ["acme", "globex"] {
                try await bob.setIdentityProvider(
                    IdentityProvider(
                        issuer: "https://id.\(company).example", audience: "\(company)-app",
                        keys: .set(issuer.keySet)), for: company)
            }
            await bob.close()
            let shop = try await world.client(world.shop)
            try await body(SignIn(world: world, issuer: issuer, shop: shop))
            await shop.close()
        }
    }

    @Test func anHonestSignInOpensAContextOfThatUser() async throws {
        try await run { sign in
            let world = sign.world
            let idToken = try sign.token(nonce: "n-0S6")
            let token = try await sign.shop.exchange(
                idToken: idToken, for: "acme", nonce: "n-0S6", minutes: 10)
            let session = try await sign.shop.enter(token)
            #expect(session.context.urlID == "acme")
            #expect(session.context.subject == "u1@acme.example")
            #expect(session.context.purpose == .service)
            #expect(session.context.secondsLeft <= 600)
            #expect(try await session.users().rows.count == EngineWorld.users)
            await session.leave()
            // Its claims: the user, acting through the service (RFC 8693), with the issuer's name on record.
            let claims = try await world.owner.value(
                "SELECT (piste.read_token($1)).claims::text", [.text(token.token)])
            #expect(claims.contains(#""sub": "u1@acme.example""#))
            #expect(claims.contains("\"act\": {\"sub\": \"\(world.shop)\"}"))
            let record = try await world.lastRecord("token.exchange", in: world.acme)
            let digest = Hexadecimal.text(SHA256.hash(idToken.utf8))
            for part in ["https://id.acme.example", "acme-app", digest, "u1@acme.example", world.shop] {
                #expect(record.contains(part), "\(record)")
            }
            #expect(
                try await world.owner.number(
                    """
                    SELECT count(*) FROM \(world.acme).audit
                    WHERE action = 'users.read' AND subject = 'u1@acme.example' AND actor = $1
                    """, [.text(world.shop)]) == 1)
            // The ID token itself is nowhere.
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM \(world.acme).audit a WHERE position($1 IN to_jsonb(a)::text) > 0",
                    [.text(String(idToken.suffix(40)))]) == 0)
        }
    }

    @Test func onlyTheCompanysOwnProviderCounts() async throws {
        try await run { sign in
            let stranger = try TestIssuer(keyID: "k1")
            let cases: [(String, String, String)] = [
                (
                    "another company's",
                    try sign.token(issuer: "https://id.globex.example", audience: "globex-app"),
                    "id_token_issuer"
                ),
                ("another issuer's", try sign.token(issuer: "https://evil.example"), "id_token_issuer"),
                ("another client's", try sign.token(audience: "globex-app"), "id_token_audience"),
                ("an expired one", try sign.token(seconds: -61), "id_token_expired"),
                ("a stranger's key", try sign.token(by: stranger), "id_token_tampered"),
                ("another key", try sign.token(by: try TestIssuer(keyID: "k2")), "id_token_unknown_key"),
                ("with a nonce", try sign.token(nonce: "n"), "id_token_nonce"),
                ("nobody's signature", "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.e30.", "id_token_algorithm"),
                ("no token", "rubbish", "id_token_malformed"),
                ("another company's user", try sign.token(email: "u1@globex.example"), "user_unknown"),
                ("SQL", try sign.token(email: "x' OR true --@acme.example"), "user_unknown"),
            ]
            for (index, (name, token, expected)) in cases.enumerated() {
                #expect(try await sign.refusal(token) == expected, "\(name)")
                #expect(try await sign.records("token.refused") == index + 1, "\(name)")
            }
            #expect(try await sign.records("token.exchange") == 0)
            #expect(try await sign.refusal(try sign.token()) == nil)
            // The same token at the other company: its provider is another, and so are its users.
            let globex = try sign.token(
                issuer: "https://id.globex.example", audience: "globex-app", email: "u1@globex.example")
            #expect(try await sign.refusal(globex, of: "acme") == "id_token_issuer")
            #expect(try await sign.refusal(globex, of: "globex") == nil)
        }
    }

    @Test func eachTokenIsExchangedOnce() async throws {
        try await run { sign in
            let token = try sign.token()
            // Two at the same moment, over two connections.
            let other = try await sign.world.client(sign.world.shop)
            async let first = sign.refusal(token)
            async let second = SignIn(world: sign.world, issuer: sign.issuer, shop: other).refusal(token)
            let answers = try await [first, second]
            #expect(answers.filter { $0 == nil }.count == 1, "\(answers)")
            #expect(answers.contains("id_token_replayed"), "\(answers)")
            #expect(try await sign.refusal(token) == "id_token_replayed")
            #expect(try await sign.refusal(try sign.token()) == nil)
            await other.close()
        }
    }

    @Test func usersAndCompaniesMustBeActive() async throws {
        try await run { sign in
            let owner = sign.world.owner
            let home = sign.world.acme
            try await owner.query(
                "UPDATE \(home).users SET status = 'suspended' WHERE email = 'u2@acme.example'")
            #expect(try await sign.refusal(try sign.token(email: "u2@acme.example")) == "user_inactive")
            // Other capitals are the same person, under the address that the company has.
            let token = try await sign.shop.exchange(
                idToken: try sign.token(email: "U3@Acme.Example"), for: "acme")
            #expect(
                try await owner.value(
                    "SELECT subject FROM piste.context WHERE jti = $1::uuid", [.text(token.jti)])
                    == "u3@acme.example")
            try await owner.query("SELECT * FROM piste.suspend_company('acme')")
            #expect(try await sign.refusal(try sign.token()) == "company_suspended")
            #expect(try await sign.refusal(try sign.token(), of: "nobody") == "unknown_company")
            try await owner.query("SELECT * FROM piste.resume_company('acme')")
            #expect(try await sign.refusal(try sign.token()) == nil)
            try await owner.query("SELECT * FROM piste.set_identity_provider('acme')")
            #expect(try await sign.refusal(try sign.token()) == "provider_missing")
        }
    }

    /// The engine's own functions, by hand: whoever skips the verification gains nothing that the login had not.
    @Test func theEngineHoldsToWhatItSees() async throws {
        try await run { sign in
            let world = sign.world
            let digest = String(repeating: "ab", count: 32)
            let call =
                "exchange_id_token('acme', 'https://id.acme.example', 'acme-app', 'u1@acme.example', '\(digest)', now() + interval '1 hour')"
            for login in [world.alice, world.bob, world.carol] {
                let connection = try await world.connect(login)
                #expect(try await connection.refusal(call) == "not_allowed", "\(login)")
                #expect(
                    try await connection.value(
                        "SELECT piste.refuse_id_token('acme', 'id_token_email', '\(digest)')"
                    )
                    .hasPrefix("not_allowed"))
                #expect(await connection.sqlState("SELECT * FROM piste.identity_provider") == "42501")
                #expect(await connection.sqlState("DELETE FROM piste.exchanged_token") == "42501")
                await connection.close()
            }
            let shop = try await world.connect(world.shop)
            for (wrong, code) in [
                (
                    call.replacing("'https://id.acme.example'", with: "'https://id.globex.example'"),
                    "id_token_issuer"
                ),
                (call.replacing("'acme-app'", with: "'globex-app'"), "id_token_audience"),
                (call.replacing("+ interval", with: "- interval"), "id_token_expired"),
                (call.replacing("'acme',", with: "'nobody',"), "unknown_company"),
            ] { #expect(try await shop.refusal(wrong) == code) }
            for wrong in [
                call.replacing("'\(digest)'", with: "'x'"), call.replacing("'u1@acme.example'", with: "NULL"),
                call.replacing("'u1@acme.example'", with: "'no address'"),
                call.replacing("now() + interval '1 hour'", with: "NULL"),
                call.replacing("hour')", with: "hour', 31)"),
                "refuse_id_token('acme', 'because', '\(digest)')",
            ] { #expect(await shop.sqlState("SELECT * FROM piste.\(wrong)") == "PT400", "\(wrong)") }
            #expect(try await shop.refusal(call) == nil)
            // The token is the service's like every other: nobody else's, this company's, and recorded as read+write.
            let token = try await shop.value(
                "SELECT token FROM piste.\(call.replacing(digest, with: String(repeating: "cd", count: 32)))")
            let alice = try await world.connect(world.alice)
            #expect(try await alice.enter(token) == "token_foreign")
            #expect(try await shop.enter(token) == nil)
            try await shop.declare()
            #expect(try await shop.count("users") == EngineWorld.users)
            #expect(await shop.sqlState("SELECT * FROM \(world.globex).users") == "42501")
            await alice.close()
            await shop.close()
        }
    }

    @Test func onlyAnAdminSaysWhereThePeopleSignIn() async throws {
        try await run { sign in
            let world = sign.world
            let set =
                "set_identity_provider('acme', 'https://evil.example', 'evil', 'https://evil.example/keys')"
            for login in [world.alice, world.carol, world.shop] {
                let connection = try await world.connect(login)
                #expect(try await connection.refusal(set) == "not_allowed")
                await connection.close()
            }
            let bob = try await world.connect(world.bob)
            #expect(
                try await bob.refusal(
                    "set_identity_provider('acme', 'https://id.globex.example', 'globex-app', 'https://x.example/k')"
                )
                    == "provider_taken")
            for wrong in [
                "'http://id.acme.example', 'a', 'https://x.example/k'",
                "'https://id.acme.example', '', 'https://x.example/k'",
                "'https://id.acme.example?x', 'a', 'https://x.example/k'",
                "'https://u@id.acme.example', 'a', 'https://x.example/k'",
                "'https://id.acme.example', 'a', 'file:///etc/passwd'",
                "'https://id.acme.example', 'a', 'http://x.example/k'",
                "'https://id.acme.example', 'a'", "'https://id.acme.example', 'a', NULL, '{}'",
                #"'https://id.acme.example', 'a', NULL, '{"keys":[{"kty":"RSA","n":"A","e":"AQAB","d":"A"}]}'"#,
                #"'https://id.acme.example', 'a', 'https://x.example/k', '{"keys":[{"kty":"RSA"}]}'"#,
            ] {
                #expect(
                    await bob.sqlState("SELECT * FROM piste.set_identity_provider('acme', \(wrong))")
                        == "PT400", "\(wrong)")
            }
            // What was there is still there.
            #expect(try await sign.refusal(try sign.token()) == nil)
            #expect(try await sign.records("company.provider") == 1)
            await bob.close()
        }
    }

    /// Another provider: who signed in at the old one is out at once, and its tokens are worth nothing.
    @Test func anotherProviderEndsWhatTheOldOneBegan() async throws {
        try await run { sign in
            let world = sign.world
            let session = try await sign.shop.enter(
                try await sign.shop.exchange(idToken: try sign.token(), for: "acme"))
            let unopened = try await sign.shop.exchange(idToken: try sign.token(), for: "acme")
            let plain = try await sign.shop.enter(try await sign.shop.generateContextToken(for: "acme"))
            _ = try await session.users()
            let bob = try await world.client(world.bob)
            let fresh = try TestIssuer(.p256, keyID: "k1")
            let provider = IdentityProvider(
                issuer: "https://id.acme.example", audience: "acme-app", keys: .set(fresh.keySet))
            #expect(try await bob.setIdentityProvider(provider, for: "acme") == 1)
            #expect(
                await failure { () async throws(TenancyError) in _ = try await session.users() }?.code
                    == .contextEnded)
            #expect(
                await failure { () async throws(TenancyError) in _ = try await sign.shop.enter(unopened) }?
                    .refusalCode
                    == "token_ended")
            #expect(try await plain.users().rows.count == EngineWorld.users)
            #expect(try await sign.refusal(try sign.token()) == "id_token_algorithm")
            #expect(try await sign.refusal(try sign.token(by: fresh)) == nil)
            await plain.leave()
            await session.leave()
            await bob.close()
        }
    }

    /// Keys by address: fetched when needed, kept, fetched again for a key that is new, and not for each made-up one.
    @Test func keysAreFetchedWhenTheyAreNeeded() async throws {
        try await run { sign in
            let bob = try await sign.world.client(sign.world.bob)
            try await bob.setIdentityProvider(
                IdentityProvider(
                    issuer: "https://id.acme.example", audience: "acme-app",
                    keys: .url("https://id.acme.example/keys")),
                for: "acme")
            await bob.close()
            let fetches = Counter()
            let set = sign.issuer.keySet
            let fetching: @Sendable (String) async throws -> [UInt8] = { address in
                #expect(address == "https://id.acme.example/keys")
                fetches.add()
                return Array(set.utf8)
            }
            for _ in 0..<3 {
                _ = try await sign.shop.exchange(idToken: try sign.token(), for: "acme", fetching: fetching)
            }
            #expect(fetches.count == 1)
            for _ in 0..<3 {
                let madeUp = try sign.token(by: try TestIssuer(.p256, keyID: "made-up"))
                let refused = try? await sign.shop.exchange(idToken: madeUp, for: "acme", fetching: fetching)
                #expect(refused == nil)
            }
            #expect(fetches.count == 1)
            // A provider that does not answer is no reason to let anybody in.
            let other = try await sign.world.client(sign.world.shop)
            await #expect(throws: TenancyError.self) {
                _ = try await other.exchange(idToken: try sign.token(), for: "acme") { _ in
                    throw TenancyError(.failed, "no answer")
                }
            }
            await other.close()
        }
    }
}
