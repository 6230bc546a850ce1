import Postgres
import TestSupport
import Testing

/// Attacks on the token: its form, its holder, its company, its time, and how many there are.
struct TokenAttackTests {
    @Test("45: A token that names its own algorithm, key or key's place is refused")
    func forgedHeaders() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let part = token.split(separator: ".").map(String.init)
            let kid = try await world.kid(of: "acme")
            let cases = [
                (#"{"alg":"none","kid":"\#(kid)"}"#, "token_algorithm"),
                (#"{"alg":"RS256","kid":"\#(kid)"}"#, "token_algorithm"),
                (#"{"alg":"hs256","kid":"\#(kid)"}"#, "token_algorithm"),
                (#"{"alg":"HS256","kid":"../../../dev/null"}"#, "token_unknown_key"),
                (#"{"alg":"HS256","kid":"x' UNION SELECT 'x"}"#, "token_unknown_key"),
                (#"{"alg":"HS256","kid":"\#(kid.uppercased())"}"#, "token_unknown_key"),
                (#"{"alg":"HS256","kid":"\#(kid) "}"#, "token_unknown_key"),
                (#"{"alg":"HS256","kid":"\#(kid)","jku":"https://evil.example/k"}"#, "token_malformed"),
                (#"{"alg":"HS256","kid":"\#(kid)","jwk":{"k":"AA"}}"#, "token_malformed"),
                (#"{"alg":"HS256","kid":"\#(kid)","crit":["exp"]}"#, "token_malformed"),
            ]
            for (header, code) in cases {
                let forged = try await world.base64url(header) + "." + part[1] + "." + part[2]
                #expect(try await alice.enter(forged) == code, "\(header)")
                #expect(try await alice.value("SELECT current_user") == world.alice)
            }
            // A key that the forger makes up signs a token that is none.
            let own = try await world.owner.value(
                """
                SELECT $1 || '.' || piste.base64url(piste.hmac_sha256(convert_to($1, 'UTF8'), 'my own key'))
                """, [.text(part[0] + "." + part[1])])
            #expect(try await alice.enter(own) == "token_tampered")
            #expect(try await alice.enter(token) == nil)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("46: A token without an end, of a removed operator, or of an older level, is refused")
    func strippedAndOrphaned() async throws {
        try await EngineWorld.underAttack { world in
            var alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            let part = token.text.split(separator: ".").map(String.init)
            let endless = try await world.owner.value(
                """
                SELECT piste.base64url(convert_to((piste.json_of_base64url($1) - 'exp')::text, 'UTF8'))
                """, [.text(part[1])])
            #expect(
                try await alice.enter([part[0], endless, part[2]].joined(separator: ".")) == "token_tampered")
            let impersonation = try await alice.value(
                "SELECT token FROM piste.impersonate_company('acme', 'why')")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("add_operator('\(world.alice)', 'viewer')") == nil)
            alice = try await world.connect(world.alice)
            #expect(try await alice.enter(impersonation) == "token_ended")
            let fresh = try await alice.token("acme")
            #expect(try await bob.refusal("remove_operator('\(world.alice)')") == nil)
            alice = try await world.connect(world.alice)
            #expect(await alice.sqlState("SELECT * FROM piste.enter($1)", [.text(fresh.text)]) == "42501")
            #expect(try await bob.refusal("add_operator('\(world.alice)', 'support')") == nil)
            #expect(try await alice.enter(fresh.text) == "token_ended")
            let again = try await alice.token("acme")
            #expect(try await alice.enter(again.text) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    @Test("47, 48: A token copied from a screen is useless to every other login, and moves with its own")
    func replay() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            for login in [world.bob, world.carol, world.shop] {
                let thief = try await world.connect(login)
                #expect(try await thief.enter(token.text) == "token_foreign")
                #expect(await thief.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
                await thief.close()
            }
            // For Globex it is no token: its company is in the signature.
            let part = token.text.split(separator: ".").map(String.init)
            let globex = try await alice.token("globex").text.split(separator: ".").map(String.init)
            #expect(
                try await alice.enter([globex[0], part[1], globex[2]].joined(separator: "."))
                    == "token_tampered")
            #expect(
                try await alice.enter([part[0], globex[1], part[2]].joined(separator: "."))
                    == "token_tampered")
            #expect(try await alice.enter(token.text) == nil)
            try await world.expectReading(alice)
            let second = try await world.connect(world.alice)
            #expect(try await second.enter(token.text) == nil)
            #expect(try await !world.backendLives(alice.backendPID))
            try await world.expectReading(second)
            #expect(try await world.records("context.refused", in: world.acme) == 3)
            await second.close()
        }
    }

    @Test("49: A setting that looks like a context is none")
    func customSettings() async throws {
        try await EngineWorld.underAttack { world in
            let carol = try await world.connect(world.carol)
            for setting in [
                "company = 'globex'", "operator = '\(world.bob)'", "level = 'admin'", "context = 'x'",
            ] {
                try await carol.query("SET piste.\(setting)")
            }
            try await carol.query("SET request.jwt.claims = '{\"sub\": \"bob\", \"aud\": \"globex\"}'")
            #expect(try await carol.value("SELECT level FROM piste.whoami()") == "viewer")
            #expect(try await carol.value("SELECT url_id FROM piste.whoami()").isEmpty)
            #expect(try await carol.refusal("suspend_company('acme')") == "not_allowed")
            #expect(await carol.sqlState("SELECT * FROM \(world.globex.windows).users") == "42501")
            let token = try await carol.token("acme")
            #expect(try await carol.enter(token.text) == nil)
            try await world.expectReading(carol)
            #expect(try await carol.value("SELECT min(email) FROM users").hasSuffix("@acme.example"))
            await carol.close()
        }
    }

    @Test("N29: Tokens in a loop end when there are too many, and with their operator")
    func manyTokens() async throws {
        try await EngineWorld.underAttack { world in
            var carol = try await world.connect(world.carol)
            let rate = try await world.owner.number("SELECT piste.limit_of('token_rate')")
            func loop(_ number: Int) -> String {
                """
                SELECT (array_agg(t.token))[1] AS first, (array_agg(t.token))[\(number)] AS last
                FROM generate_series(1, \(number)) AS n, LATERAL (
                    SELECT token FROM piste.generate_context_token('acme', 1 + n % 30)) AS t
                """
            }
            #expect(await carol.sqlState(loop(10_000)) == "PT429")
            #expect(try await world.records("token.issue", in: world.acme) == 0)
            let tokens = try await carol.query(loop(rate))[0]
            let last = try tokens.string("last")
            #expect(try await world.records("token.issue", in: world.acme) == rate)
            #expect(try await world.records("token.end", in: world.acme) == rate - 20)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.context WHERE ended_at IS NULL AND opened_at IS NULL") == 20)
            #expect(try await carol.enter(try tokens.string("first")) == "token_ended")
            #expect(try await world.memberships(world.carol) == 0)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("remove_operator('\(world.carol)')") == nil)
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == 0
            )
            #expect(try await bob.refusal("add_operator('\(world.carol)', 'viewer')") == nil)
            carol = try await world.connect(world.carol)
            #expect(try await carol.enter(last) == "token_ended")
            // The minute goes by.
            try await world.owner.query("DELETE FROM piste.quota")
            let token = try await carol.token("acme")
            #expect(try await carol.enter(token.text) == nil)
            try await world.expectReading(carol)
            await carol.close()
            await bob.close()
        }
    }
}

extension EngineWorld {
    fileprivate func kid(of company: String) async throws -> String {
        try await owner.value(
            "SELECT kid FROM piste.signing_key k JOIN piste.company c ON c.id = k.company WHERE url_id = $1",
            [.text(company)])
    }

    fileprivate func base64url(_ text: String) async throws -> String {
        try await owner.value("SELECT piste.base64url(convert_to($1, 'UTF8'))", [.text(text)])
    }
}
