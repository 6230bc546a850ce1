import Postgres

/// Tokens that are forged, edited, somebody else's, over, or for another company.
enum TokenProbes {
    static let all: [Probe] = [
        forged(
            "algorithm-none", "A token that says it needs no signature is refused", ["token_algorithm"],
            "header {\"alg\": \"none\"}, signature removed"
        ) { $0.unsigned(header: #"{"alg":"none","kid":"\#($0.kid ?? "")"}"#) },
        forged(
            "algorithm-other", "A token that names another algorithm is refused", ["token_algorithm"],
            "header {\"alg\": \"RS256\"}"
        ) { $0.with(header: #"{"alg":"RS256","kid":"\#($0.kid ?? "")"}"#) },
        forged(
            "key-injected", "A key id made of SQL finds no key", ["token_unknown_key"],
            "header {\"kid\": \"x' UNION SELECT …\"}"
        ) { $0.with(header: #"{"alg":"HS256","kid":"x' UNION SELECT kid FROM piste.signing_key --"}"#) },
        forged(
            "key-almost", "A key id is compared exactly", ["token_unknown_key"],
            "header {\"kid\": the right one and a space}"
        ) { $0.with(header: #"{"alg":"HS256","kid":"\#($0.kid ?? "") "}"#) },
        forged(
            "key-brought-along", "A token that brings its own key is refused", ["token_malformed"],
            "header {\"jwk\": {…}}"
        ) { $0.with(header: #"{"alg":"HS256","kid":"\#($0.kid ?? "")","jwk":{"kty":"oct","k":"AA"}}"#) },
        forged(
            "claims-edited", "A token whose claims were edited is refused", ["token_tampered"],
            "claims: purpose access becomes impersonation"
        ) { $0.replacing("\"access\"", with: "\"impersonation\"") },
        forged(
            "malformed", "What is no token is refused", ["token_malformed"], "not.a.token.at-all"
        ) { _ in "not.a.token.at-all" },
        Probe(
            .tokens, "audience-edited", "A token that is pointed at the real company is refused",
            attack: "enter(token of {own-id}, its aud edited to {real-id})", expected: ["token_tampered"],
            control: "enter(the same token as it was)"
        ) { stage in
            let token = try await stage.token()
            guard
                let edited = ForgedToken(token.text)?.replacing(
                    "\"\(stage.own.urlID)\"", with: "\"\(stage.real.urlID)\"")
            else { throw PostgresError(.misuse, "the token names no audience") }
            return try await trial(edited, token, stage)
        },
        Probe(
            .tokens, "claims-exchanged",
            "The claims of one company's token are not covered by another's signature",
            attack: "enter(header and signature of {own-id}, claims of {other-id})",
            expected: ["token_tampered"],
            control: "enter(the token of {own-id} as it was)"
        ) { stage in
            let token = try await stage.token()
            let other = try await stage.token(stage.other.urlID)
            guard let head = ForgedToken(token.text), let body = ForgedToken(other.text) else {
                throw PostgresError(.misuse, "a token has not three parts")
            }
            return try await trial(head.carrying(body), token, stage)
        },
        Probe(
            .tokens, "of-another-login", "A token works only for the login that it was issued to",
            attack: "enter(a token that was issued to another login)", expected: ["token_foreign"],
            control: "enter(a token of one's own)"
        ) { stage in
            let foreign = try await stage.token()
            try await stage.estrange(foreign)
            return try await trial(foreign.text, stage.token(), stage)
        },
        Probe(
            .tokens, "expired", "An expired token is refused", attack: "enter(an expired token)",
            expected: ["token_expired"], control: "enter(a token in time)"
        ) { stage in
            let old = try await stage.token()
            try await stage.expire(old)
            return try await trial(old.text, stage.token(), stage)
        },
        Probe(
            .tokens, "revoked", "A token that was revoked is refused",
            attack: "end_context(jti); enter(its token)",
            expected: ["token_ended"], control: "enter(a token in force)"
        ) { stage in
            let ended = try await stage.token()
            try await stage.control.must(
                "SELECT * FROM piste.end_context($1::uuid, 'a probe of piste prove')", [.text(ended.jti)])
            return try await trial(ended.text, stage.token(), stage)
        },
        Probe(
            .tokens, "used-up", "A token whose context was left is not used again",
            attack: "enter(token); leave(); enter(token)", expected: ["token_ended"],
            control: "enter(a fresh token)"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.entered(token)
            try await session.must("SELECT piste.leave()")
            await session.close()
            return try await trial(token.text, stage.token(), stage)
        },
        Probe(
            .tokens, "taken-elsewhere", "A token that moves to another session ends the one that it was in",
            attack: "enter(token) in a second session; SELECT id FROM users in the first",
            expected: ["session ended", "0 rows"], control: "the second session reads"
        ) { stage in
            let token = try await stage.token()
            let first = try await stage.entered(token)
            try await first.declare()
            let second = try await stage.entered(token)
            let answer = await first.answer("SELECT id FROM users")
            try await second.declare()
            let result = await Probe.Result(answer: answer, reading: second)
            await first.close()
            await second.close()
            return result
        },
        Probe(
            .tokens, "old-key", "A token that an older key signed died with the key",
            attack: "rotate_signing_key({other-id}); enter(a token from before)",
            expected: ["token_old_key", "token_ended"], control: "enter(a token from after)"
        ) { stage in
            let old = try await stage.token(stage.other.urlID)
            try await stage.control.must(
                "SELECT * FROM piste.rotate_signing_key($1)", [.text(stage.other.urlID)])
            return try await trial(old.text, stage.token(stage.other.urlID), stage)
        },
        Probe(
            .tokens, "half-an-hour", "No token lives longer than thirty minutes",
            attack: "generate_context_token({own-id}, 31)", expected: ["PT400"],
            control: "generate_context_token({own-id}, 30)"
        ) { stage in
            let call = "SELECT * FROM piste.generate_context_token($1, $2::int)"
            let answer = await stage.control.answer(call, [.text(stage.own.urlID), 31])
            let control = await stage.control.answer(call, [.text(stage.own.urlID), 30])
            return Probe.Result(answer: answer, done: control)
        },
        Probe(
            .tokens, "snapshot-by-default", "A session whose snapshots outlive a revocation does not enter",
            attack: "SET default_transaction_isolation = 'repeatable read'; enter(token)",
            expected: ["PT409"],
            control: "enter(the same token) in READ COMMITTED"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.session()
            try await session.must("SET default_transaction_isolation = 'repeatable read'")
            let answer = await session.answer("SELECT * FROM piste.enter($1)", [.text(token.text)])
            try await session.must("SET default_transaction_isolation = 'read committed'")
            let control = await session.answer("SELECT * FROM piste.enter($1)", [.text(token.text)])
            await session.close()
            return Probe.Result(answer: answer, done: control)
        },
    ]

    /// A token that is put together otherwise, and then presented as it was.
    private static func forged(
        _ name: String, _ what: String, _ expected: [String], _ attack: String,
        _ forge: @escaping @Sendable (ForgedToken) -> String?
    ) -> Probe {
        Probe(
            .tokens, name, what, attack: "enter(\(attack))", expected: expected,
            control: "enter(the same token as it was)"
        ) { stage in
            let token = try await stage.token()
            guard let forged = ForgedToken(token.text).flatMap(forge) else {
                throw PostgresError(.misuse, "the token is not of the form that is forged here")
            }
            return try await trial(forged, token, stage)
        }
    }

    /// Presents a bad token, and then a good one in the same session.
    private static func trial(
        _ bad: String, _ good: ProbeStage.Token, _ stage: ProbeStage
    ) async throws -> Probe.Result {
        let session = try await stage.session()
        let answer = await session.answer("SELECT * FROM piste.enter($1)", [.text(bad)])
        let control = await session.answer("SELECT * FROM piste.enter($1)", [.text(good.text)])
        await session.close()
        return Probe.Result(answer: answer, done: control)
    }
}
