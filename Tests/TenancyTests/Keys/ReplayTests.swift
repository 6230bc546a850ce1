import Postgres
import TestSupport
import Testing

/// A token is in one backend at a time, for one login, once: what has ended is never replayed.
struct ReplayTests {
    @Test func eightBackendsWithOneTokenAreOneContext() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            var connections: [Connection] = []
            for _ in 0..<8 { connections.append(try await world.connect(world.alice)) }
            await withTaskGroup(of: Void.self) { group in
                for connection in connections {
                    group.addTask {
                        _ = try? await connection.enter(token.text)
                    }
                }
            }
            let holder = try await world.owner.number(
                "SELECT backend_pid FROM piste.context WHERE jti = '\(token.jti)'")
            for connection in connections {
                if Int(connection.backendPID) == holder {
                    try await world.expectReading(connection)
                } else {
                    #expect(try await world.backendEnds(connection.backendPID))
                    #expect(await connection.sqlState("SELECT count(*) FROM users") == "57P01")
                }
            }
            #expect(try await world.memberships(world.alice) == 1)
            #expect(try await alice.number("SELECT count(*) FROM piste.contexts()") == 1)
            for connection in connections + [alice] { await connection.close() }
        }
    }

    @Test func whatWasLeftOrRevokedIsRefusedEverywhere() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let left = try await alice.token("acme")
            #expect(try await alice.enter(left.text) == nil)
            try await world.expectReading(alice)
            try await alice.query("SELECT piste.leave()")
            let revoked = try await alice.token("acme")
            let inside = try await world.connect(world.alice)
            #expect(try await inside.enter(revoked.text) == nil)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.number("SELECT count(*) FROM piste.contexts()") == 1)
            // Only its own operator and an admin may revoke it.
            let carol = try await world.connect(world.carol)
            #expect(
                try await carol.refusal("end_context('\(revoked.jti)', 'mine now')") == "unknown_context")
            try await world.expectReading(inside)
            #expect(try await bob.refusal("end_context('\(revoked.jti)', 'stolen')") == nil)
            #expect(try await world.backendEnds(inside.backendPID))
            #expect(try await bob.number("SELECT count(*) FROM piste.contexts()") == 0)
            #expect(try await world.memberships(world.alice) == 0)
            let other = try await world.connect(world.alice)
            for connection in [alice, other] {
                for token in [left, revoked] {
                    #expect(try await connection.enter(token.text) == "token_ended")
                    #expect(await connection.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
                }
            }
            #expect(try await world.records("context.refused", in: world.acme) == 4)
            #expect(try await other.enter(try await other.token("acme").text) == nil)
            try await world.expectReading(other)
            for connection in [alice, bob, carol, inside, other] { await connection.close() }
        }
    }

    /// Every spelling of a key's name but its own.
    @Test func aKeyIsNamedExactly() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let kid = try await world.kid(in: token)
            let foreign = try await world.keys("globex").current
            let cases = [
                ("\"\(kid.dropLast())\"", "token_unknown_key"),
                ("\"\(kid.dropFirst())\"", "token_unknown_key"),
                ("\"\(kid)0\"", "token_unknown_key"), ("\" \(kid)\"", "token_unknown_key"),
                ("\"\(kid)\\u00a0\"", "token_unknown_key"), ("\"\(kid.uppercased())\"", "token_unknown_key"),
                ("\"\(kid.prefix(8))%\"", "token_unknown_key"), ("\"%\"", "token_unknown_key"),
                ("\"\"", "token_unknown_key"), ("null", "token_unknown_key"), ("0", "token_unknown_key"),
                ("true", "token_unknown_key"), ("[\"\(kid)\"]", "token_unknown_key"),
                ("{\"\(kid)\": 1}", "token_unknown_key"),
                ("\"' OR ''='\"", "token_unknown_key"),
                ("\"'; DROP TABLE piste.signing_key; --\"", "token_unknown_key"),
                ("\"\(kid)' --\"", "token_unknown_key"), ("\"\(kid)\\u0000\"", "token_malformed"),
                // Another company's key is a key, but not the one that signed this.
                ("\"\(foreign)\"", "token_tampered"),
            ]
            for (name, code) in cases {
                let forged = try await world.resigned(
                    token, header: #"{"alg":"HS256","typ":"piste+jwt","kid":\#(name)}"#)
                #expect(try await alice.enter(forged) == code, "\(name)")
                #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'context.refused' AND actor = $1",
                    [.text(world.alice)]) == cases.count)
            let honest = try await world.resigned(
                token, header: #"{"alg":"HS256","typ":"piste+jwt","kid":"\#(kid)"}"#)
            #expect(try await alice.enter(honest) == nil)
            try await world.expectReading(alice)
            await alice.close()
        }
    }
}

extension EngineWorld {
    /// The claims of a token under another header, signed with Acme's real key, as only a superuser can.
    fileprivate func resigned(_ token: String, header: String) async throws -> String {
        try await owner.value(
            """
            SELECT unsigned || '.' || piste.base64url(piste.hmac_sha256(convert_to(unsigned, 'UTF8'), k.secret))
            FROM piste.signing_key k JOIN piste.company c ON c.id = k.company, LATERAL (
                SELECT piste.base64url(convert_to($1, 'UTF8')) || '.' || split_part($2, '.', 2)
            ) AS t (unsigned)
            WHERE c.url_id = 'acme' AND k.retired_at IS NULL
            """, [.text(header), .text(token)])
    }
}
