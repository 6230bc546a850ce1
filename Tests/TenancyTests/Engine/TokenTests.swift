import FoundationEssentials
import Postgres
import TestSupport
import Testing

/// A token works for its login, its company and its time, and in no other form than the one that was issued.
struct TokenTests {
    @Test func isRefusedInEveryOtherForm() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let part = token.split(separator: ".").map(String.init)
            let kid = try await world.key("acme", "kid")
            let foreign = try await world.key("globex", "kid")
            let claims = try await world.claims(of: token)
            let named = try await world.key("acme", "company")
            let other = try await world.key("globex", "company")
            let cases: [(String, String)] = [
                ("", "token_malformed"),
                ("a.b.c", "token_malformed"),
                (part[0] + "." + part[1], "token_malformed"),
                (token + ".x", "token_malformed"),
                (String(repeating: "a", count: 5000) + ".b.c", "token_malformed"),
                (part[0] + "." + part[1] + ".", "token_tampered"),
                (token + "=", "token_tampered"),
                (token + "\n", "token_tampered"),
                (try await world.forged(#"{"alg":"none","kid":"\#(kid)"}"#, claims), "token_algorithm"),
                (try await world.forged(#"{"alg":"HS512","kid":"\#(kid)"}"#, claims), "token_algorithm"),
                (try await world.forged(#"{"kid":"\#(kid)"}"#, claims), "token_algorithm"),
                (try await world.forged(#"{"alg":"HS256"}"#, claims), "token_unknown_key"),
                (
                    try await world.forged(#"{"alg":"HS256","kid":"' OR true --"}"#, claims),
                    "token_unknown_key"
                ),
                (try await world.forged(#"{"alg":"HS256","kid":["\#(kid)"]}"#, claims), "token_unknown_key"),
                (
                    try await world.forged(#"{"alg":"HS256","kid":"\#(kid)","jku":"x"}"#, claims),
                    "token_malformed"
                ),
                // Another kind of token, signed with the same key.
                (
                    try await world.forged(#"{"alg":"HS256","kid":"\#(kid)","typ":"JWT"}"#, claims),
                    "token_malformed"
                ),
                (
                    try await world.forged(#"{"alg":"HS256","kid":"\#(kid)","typ":"at+jwt"}"#, claims),
                    "token_malformed"
                ),
                // Another company's key is a good key, for that company.
                (
                    try await world.forged(#"{"alg":"HS256","kid":"\#(foreign)"}"#, claims, key: "globex"),
                    "token_tampered"
                ),
                // And with it nobody names a context of the first.
                (
                    try await world.forged(
                        #"{"alg":"HS256","kid":"\#(foreign)"}"#,
                        claims.replacing(named, with: other), key: "globex"),
                    "token_unknown"
                ),
                (
                    try await world.forged(
                        #"{"alg":"HS256","kid":"\#(kid)"}"#,
                        #"{"jti":"\#(UUID().uuidString)","company":null}"#),
                    "token_tampered"
                ),
            ]
            for (text, code) in cases {
                #expect(try await alice.enter(text) == code, "\(text.prefix(60))")
                #expect(try await alice.value("SELECT current_user") == world.alice)
            }
            let recorded = try await world.owner.number(
                "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'context.refused' AND actor = $1",
                [.text(world.alice)])
            #expect(recorded == cases.count)
            // The same forger's hand does make a token that works, so the refusals are not its clumsiness.
            let honest = try await world.forged(#"{"alg":"HS256","kid":"\#(kid)"}"#, claims)
            #expect(try await alice.enter(honest) == nil)
            await alice.close()
        }
    }

    @Test func isForOneLogin() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            for login in [world.bob, world.carol, world.shop] {
                let other = try await world.connect(login)
                #expect(try await other.enter(token.text) == "token_foreign")
                #expect(await other.sqlState("SELECT FROM \(world.acme.windows).users") == "42501")
                await other.close()
            }
            #expect(try await world.lastRecord("context.refused", in: world.acme).contains(token.jti))
            #expect(try await alice.enter(token.text) == nil)
            await alice.close()
        }
    }

    @Test func movesToTheBackendThatEntersLast() async throws {
        try await EngineWorld.run { world in
            let first = try await world.connect(world.alice)
            let token = try await first.token("acme")
            #expect(try await first.enter(token.text) == nil)
            let second = try await world.connect(world.alice)
            #expect(try await second.enter(token.text) == nil)
            #expect(try await world.backendEnds(first.backendPID))
            try await second.declare()
            #expect(try await second.count("users") == EngineWorld.users)
            #expect(try await second.enter(token.text) == nil)
            await second.close()
        }
    }

    @Test func diesWithItsEnd() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let left = try await alice.token("acme")
            #expect(try await alice.enter(left.text) == nil)
            try await alice.query("SELECT piste.leave()")
            #expect(try await alice.enter(left.text) == "token_ended")
            let revoked = try await alice.token("acme")
            #expect(
                try await alice.refusal("end_context($1::uuid, 'not needed')", [.text(revoked.jti)]) == nil)
            #expect(try await alice.enter(revoked.text) == "token_ended")
            let expired = try await alice.token("acme")
            try await world.expire(expired.jti)
            #expect(try await alice.enter(expired.text) == "token_expired")
            await alice.close()
        }
    }

    @Test func isAskedForProperly() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            #expect(await alice.sqlState("SELECT piste.generate_context_token('acme', 31)") == "PT400")
            #expect(await alice.sqlState("SELECT piste.generate_context_token('acme', 0)") == "PT400")
            #expect(await alice.sqlState("SELECT piste.generate_context_token(NULL)") == "PT400")
            #expect(try await alice.refusal("generate_context_token('nobody')") == "unknown_company")
            #expect(try await world.owner.refusal("generate_context_token('acme')") == "not_allowed")
            await alice.close()
        }
    }

    @Test func carriesWhatTheContractSays() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let row = try await alice.query(
                "SELECT * FROM piste.impersonate_company('acme', 'why', 'T-1', 'u1@acme.example', 5)")[0]
            let claims = try await world.claims(of: try row.string("token"))
            let checked = try await world.owner.query(
                """
                SELECT c ->> 'iss' = 'piste' AND c ->> 'aud' = 'acme' AND c ->> 'sub' = 'u1@acme.example'
                    AND c #>> '{act,sub}' = $2 AND c ->> 'jti' = $3 AND c ->> 'purpose' = 'impersonation'
                    AND (c ->> 'exp')::bigint - (c ->> 'iat')::bigint = 300 AND c ->> 'nbf' = c ->> 'iat'
                    AND (c ->> 'company')::uuid = (SELECT id FROM piste.company WHERE url_id = 'acme')
                FROM (SELECT $1::jsonb) AS t (c)
                """, [.text(claims), .text(world.alice), .text(try row.string("jti"))])
            #expect(try checked[0].bool(0))
            await alice.close()
        }
    }
}

extension EngineWorld {
    fileprivate func key(_ company: String, _ column: String) async throws -> String {
        try await owner.value(
            """
            SELECT \(column)::text FROM piste.signing_key k JOIN piste.company c ON c.id = k.company
            WHERE c.url_id = $1
            """, [.text(company)])
    }

    fileprivate func claims(of token: String) async throws -> String {
        try await owner.value("SELECT piste.json_of_base64url(split_part($1, '.', 2))::text", [.text(token)])
    }

    /// A token with any header and any claims, signed with a company's real key, as only a superuser can.
    ///
    /// Where the header names no type it gets a context token's.
    fileprivate func forged(_ header: String, _ claims: String, key: String = "acme") async throws -> String {
        let header =
            header.contains("\"typ\"") ? header : header.dropLast() + #","typ":"piste+jwt"}"#
        return try await owner.value(
            """
            SELECT unsigned || '.' || piste.base64url(piste.hmac_sha256(convert_to(unsigned, 'UTF8'), k.secret))
            FROM piste.signing_key k JOIN piste.company c ON c.id = k.company, LATERAL (
                SELECT piste.base64url(convert_to($1, 'UTF8')) || '.' || piste.base64url(convert_to($2, 'UTF8'))
            ) AS t (unsigned)
            WHERE c.url_id = $3
            """, [.text(header), .text(claims), .text(key)])
    }
}
