import Postgres
import Tenancy
import TestSupport
import Testing

/// What the engine holds to in an exchange by itself, whatever the service claims to have verified.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct SignInEngineTests {
    @Test func givesAContextOfTheServiceWithTheUserAsItsSubject() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let shop = try await world.declared()
            let (refusal, token, jti) = try await shop.exchange(later: 300)
            #expect(refusal == nil)
            let claims = try await world.owner.query(
                "SELECT c ->> 'sub', c -> 'act' ->> 'sub', c ->> 'aud', c ->> 'purpose', (c ->> 'exp')::bigint "
                    + "- (c ->> 'iat')::bigint FROM piste.json_of_base64url(split_part($1, '.', 2)) AS c",
                [.text(token ?? "")])[0]
            #expect(try claims.string(0) == "ada@acme.example")
            #expect(try claims.string(1) == world.shop)
            #expect(try claims.string(2) == "acme")
            #expect(try claims.string(3) == "service")
            #expect((290...300).contains(try claims.int(4)), "no context outlives the ID token")
            let record = try await world.owner.query(
                "SELECT subject, actor, context::text, detail ->> 'issuer', detail ->> 'digest' FROM piste_test.trail('\(world.acme)') "
                    + "WHERE action = 'token.exchange'")[0]
            #expect(try record.string(0) == "ada@acme.example")
            #expect(try record.string(1) == world.shop)
            #expect(try record.string(2) == jti)
            #expect(try record.string(3) == PaperProvider.issuer)
            #expect(try record.string(4) == String(repeating: "a", count: 64))

            // In the user's context every record names the user; what may be done is what the service may do.
            #expect(try await shop.enter(token ?? "") == nil)
            try await shop.declare()
            #expect(try await shop.count("users") == EngineWorld.users + 3)
            try await shop.declare()
            try await shop.query("UPDATE users SET locale = 'fr' WHERE email = 'u1@acme.example'")
            for action in ["users.read", "users.update", "context.open"] {
                let subject = try await world.owner.value(
                    "SELECT subject FROM piste_test.trail('\(world.acme)') WHERE action = $1 ORDER BY seq DESC LIMIT 1",
                    [.text(action)])
                #expect(subject == "ada@acme.example", "\(action)")
            }
            // A user's context is no place to exchange from.
            try await shop.declare()
            #expect(try await shop.exchange(digest: "b").refusal == "nested_exchange")
            await shop.close()
            let again = try await world.declared()
            #expect(try await again.exchange(digest: "c", minutes: 2).refusal == nil)
            let lifetime = try await world.owner.value(
                "SELECT expires_at - issued_at FROM piste.context WHERE subject IS NOT NULL ORDER BY expires_at LIMIT 1"
            )
            #expect(lifetime == "00:02:00")
            await again.close()
            try await world.expectSoundTrails()
        }
    }

    @Test func refusesWhateverIsNotTheCompanysOwn() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let shop = try await world.declared()
            #expect(try await shop.exchange(issuer: "https://id.globex.example").refusal == "id_token_issuer")
            #expect(try await shop.exchange(issuer: PaperProvider.issuer + "/").refusal == "id_token_issuer")
            #expect(try await shop.exchange(audience: "globex-app").refusal == "id_token_audience")
            #expect(try await shop.exchange(later: -1).refusal == "id_token_expired")
            #expect(try await shop.exchange(later: 0).refusal == "id_token_expired")
            #expect(try await shop.exchange(company: "globex").refusal == "not_inside")
            #expect(try await shop.exchange(company: "nowhere").refusal == "unknown_company")
            for (email, code) in [
                ("u1@globex.example", "user_unknown"), ("eve@acme.example", "user_unknown"),
                ("adam@acme.example", "user_unknown"), ("%@acme.example", "user_unknown"),
                ("sue@acme.example", "user_inactive"), ("ian@acme.example", "user_inactive"),
            ] {
                try await shop.declare()
                #expect(try await shop.exchange(email: email).refusal == code, "\(email)")
            }
            let call =
                "SELECT * FROM piste.exchange_id_token($1, $2, $3, $4, $5, now() + interval '5 min', $6::int)"
            for (email, digest, minutes) in [
                ("ada", String(repeating: "a", count: 64), 5), ("", String(repeating: "a", count: 64), 5),
                ("ada@acme.example", "A", 5), ("ada@acme.example", String(repeating: "A", count: 64), 5),
                ("ada@acme.example", String(repeating: "a", count: 64), 31),
                ("ada@acme.example", String(repeating: "a", count: 64), 0),
                ("a da@acme.example", String(repeating: "a", count: 64), 5),
            ] {
                let state = await shop.sqlState(
                    call,
                    [
                        .text("acme"), .text(PaperProvider.issuer), .text(PaperProvider.audience),
                        .text(email),
                        .text(digest), .int(Int64(minutes)),
                    ])
                #expect(state == "PT400", "\(email) \(digest.prefix(3)) \(minutes)")
            }
            #expect(try await world.records("token.exchange", in: world.acme) == 0)
            #expect(try await world.owner.count("piste.exchanged_token") == 0)
            try await shop.declare()
            #expect(try await shop.exchange().refusal == nil)
            await shop.close()
            try await world.expectSoundTrails()
        }
    }

    @Test func looksTheUserUpThroughTheGateOnly() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let outside = try await world.connect(world.shop)
            #expect(try await outside.exchange().refusal == "not_inside")
            let (shop, _) = try await world.inside("acme", as: world.shop)
            await #expect(throws: PostgresError.self) { try await shop.exchange() }
            try await shop.declare("journeys")
            await #expect(throws: PostgresError.self) { try await shop.exchange() }
            // A declaration of the same transaction opens nothing either.
            try await shop.query("BEGIN")
            try await shop.declare()
            let error = await #expect(throws: PostgresError.self) { try await shop.exchange() }
            #expect(error?.sqlState == "PT409")
            try await shop.query("ROLLBACK")
            #expect(try await world.records("token.exchange", in: world.acme) == 0)
            try await shop.declare()
            #expect(try await shop.exchange().refusal == nil)
            let (globex, _) = try await world.inside("globex", as: world.shop)
            try await globex.declare()
            #expect(try await globex.exchange(digest: "b").refusal == "not_inside")
            for connection in [outside, shop, globex] { await connection.close() }
        }
    }

    @Test func onlyAServiceExchangesAndOnlyAnAdminSetsAProvider() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            for login in [world.alice, world.bob, world.carol] {
                let person = try await world.declared(as: login)
                #expect(try await person.exchange().refusal == "not_allowed", "\(login)")
                #expect(
                    try await person.refusal(
                        "record_refused_id_token('acme', 'id_token_signature', repeat('a', 64))")
                        == "not_allowed")
                await person.close()
            }
            let (mimic, _) = try await world.inImpersonation("acme", as: world.alice)
            try await mimic.declare()
            #expect(try await mimic.exchange().refusal == "not_allowed")
            await mimic.close()
            for login in [world.alice, world.carol, world.shop] {
                let person = try await world.connect(login)
                let set =
                    "set_company_provider('acme', 'https://evil.example', 'x', 'https://evil.example/k')"
                #expect(try await person.refusal(set) == "not_allowed", "\(login)")
                #expect(
                    try await person.refusal("remove_company_provider('acme')") == "not_allowed", "\(login)")
                #expect(
                    try await person.value("SELECT issuer FROM piste.company_provider('acme')")
                        == PaperProvider.issuer)
                for table in ["identity_provider", "exchanged_token"] {
                    #expect(await person.sqlState("SELECT * FROM piste.\(table)") == "42501")
                }
                await person.close()
            }
            let shop = try await world.declared()
            #expect(try await shop.exchange().refusal == nil)
            await shop.close()
        }
    }

    @Test func ofManyThatBringTheSameTokenOneIsServed() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let outcomes = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let shop = try await world.declared()
                        let refusal = try await shop.exchange().refusal
                        await shop.close()
                        return refusal
                    }
                }
                return try await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.filter { $0 == "id_token_used" }.count == 5)
            #expect(try await world.records("token.exchange", in: world.acme) == 1)
            try await world.owner.query(
                "UPDATE piste.exchanged_token SET expires_at = now() - interval '1 s'")
            let shop = try await world.declared()
            #expect(try await shop.exchange(digest: "b").refusal == nil)
            #expect(
                try await world.owner.count("piste.exchanged_token") == 1,
                "what expired by itself is forgotten")
            await shop.close()
            try await world.expectSoundTrails()
        }
    }

    @Test func recordsWhatAServiceFoundBadAndIsNotFlooded() async throws {
        try await EngineWorld.run { world in
            _ = try await world.signIn()
            let shop = try await world.connect(world.shop)
            let record =
                "SELECT recorded FROM piste.record_refused_id_token('acme', 'id_token_signature', $1)"
            var recorded = 0
            for _ in 0..<30
            where try await shop.value(record, [.text(String(repeating: "f", count: 64))]) == "t" {
                recorded += 1
            }
            #expect(recorded == 20)
            #expect(try await world.records("token.refused", in: world.acme) == 20)
            #expect(try await world.lastRecord("token.refused", in: world.acme).contains("the service"))
            for (reason, digest) in [
                ("not a code", String(repeating: "f", count: 64)),
                ("id_token_used", String(repeating: "f", count: 64)),
                ("id_token_signature", "text of my own"), ("", ""),
            ] {
                let state = await shop.sqlState(
                    "SELECT * FROM piste.record_refused_id_token('acme', $1, $2)",
                    [.text(reason), .text(digest)])
                #expect(state == "PT400", "\(reason)")
            }
            // What the engine itself refuses is recorded all the same.
            #expect(try await shop.exchange().refusal == "not_inside")
            #expect(try await world.records("token.refused", in: world.acme) == 21)
            await shop.close()
        }
    }
}
