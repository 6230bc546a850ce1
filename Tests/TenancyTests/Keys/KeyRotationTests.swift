import Postgres
import Tenancy
import TestSupport
import Testing

/// Another signing key: what the old one signed dies at once, and nothing else does.
struct KeyRotationTests {
    @Test func endsEverythingThatTheOldKeySigned() async throws {
        try await EngineWorld.underAttack { world in
            let idle = try await world.inside("acme", as: world.alice)
            let acting = try await world.inImpersonation("acme", as: world.bob)
            let service = try await world.inside("acme", as: world.shop)
            let elsewhere = try await world.inside("globex", as: world.alice)
            let carol = try await world.connect(world.carol)
            let unopened = try await carol.token("acme")
            let foreign = try await carol.token("globex")
            let used = try await idle.connection.token("acme")
            let before = try await world.keys("acme")
            // One that sits on the company's trail must not put off its own end.
            try await service.connection.query("BEGIN")
            try await service.connection.declare()

            let bob = try await world.connect(world.bob)
            let row = try await bob.query("SELECT * FROM piste.rotate_signing_key('acme')")[0]
            #expect(try row.isNull("refusal"))
            #expect(try row.int("contexts_ended") == 3)
            #expect(try row.int("tokens_ended") == 2)
            #expect(try row.string("retired_kid") == before.current)
            let after = try await world.keys("acme")
            #expect(try row.string("kid") == after.current && after.current != before.current)

            for (connection, jti) in [idle, acting, service] {
                #expect(try await world.backendEnds(connection.backendPID))
                #expect(await connection.sqlState("SELECT count(*) FROM users") == "57P01")
                #expect(
                    try await world.owner.value(
                        "SELECT end_reason FROM piste.context WHERE jti = '\(jti)'")
                        == "the signing key was changed")
            }
            for login in [world.bob, world.shop, world.carol] {
                #expect(try await world.memberships(login) == 0)
            }
            #expect(try await world.memberships(world.alice) == 1, "the one that she needs in Globex")
            let alice = try await world.connect(world.alice)
            #expect(try await alice.enter(used.text) == "token_old_key")
            #expect(try await carol.enter(unopened.text) == "token_old_key")
            #expect(await carol.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            #expect(
                try await world.owner.number(
                    """
                    SELECT count(*) FROM piste_test.trail('piste')
                    WHERE action = 'context.refused' AND detail ->> 'refusal' = 'token_old_key'
                      AND actor IN ($1, $2)
                    """, [.text(world.alice), .text(world.carol)]) == 2)

            let record = try await world.lastRecord("key.rotate", in: world.acme)
            for word in [
                before.current, after.current, world.bob, #""contexts_ended": 3"#, #""tokens_ended": 2"#,
            ] {
                #expect(record.contains(word), "\(word): \(record)")
            }
            #expect(try await world.records("context.end", in: world.acme) == 3)
            #expect(try await world.records("token.end", in: world.acme) == 1, "one for both")
            #expect(try await world.secrets("acme") == 1, "the old secret is gone")

            // A fresh token opens the company again, and the other company never noticed.
            #expect(try await carol.enter(try await carol.token("acme").text) == nil)
            try await world.expectReading(carol)
            try await world.expectReading(elsewhere.connection)
            #expect(try await carol.enter(foreign.text) == nil)
            try await world.expectReading(carol)
            for connection in [bob, carol, alice, elsewhere.connection] { await connection.close() }
        }
    }

    @Test func isForAdminsAndLeavesARecord() async throws {
        try await EngineWorld.underAttack { world in
            let before = try await world.keys("acme").current
            let inside = try await world.inside("acme", as: world.alice)
            for login in [world.alice, world.carol, world.shop] {
                let connection = try await world.connect(login)
                #expect(try await connection.refusal("rotate_signing_key('acme')") == "not_allowed")
                let record = try await world.lastRecord("company.refused", in: world.acme)
                #expect(record.contains(login) && record.contains("rotate_key"))
                #expect(try await connection.refusal("signing_keys('acme')") == "not_allowed")
                let listing = try await world.lastRecord("company.refused", in: world.acme)
                #expect(listing.contains(login) && listing.contains("list_keys"))
                #expect(
                    try await connection.query("SELECT kid FROM piste.signing_keys('acme')")[0].isNull(0))
                #expect(await connection.sqlState("SELECT secret FROM piste.signing_key") == "42501")
                await connection.close()
            }
            #expect(try await world.keys("acme").current == before)
            try await world.expectReading(inside.connection)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("rotate_signing_key('nobody')") == "unknown_company")
            #expect(try await bob.refusal("signing_keys('nobody')") == "unknown_company")
            #expect(await bob.sqlState("SELECT * FROM piste.rotate_signing_key(NULL)") == "PT400")
            #expect(await bob.sqlState("SELECT * FROM piste.signing_keys(NULL)") == "PT400")
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            #expect(try await world.keys("acme").current != before)
            await inside.connection.close()
            await bob.close()
        }
    }

    /// A client cannot write a record that looks like a rotation.
    @Test func itsWordIsNotForClients() async throws {
        try await EngineWorld.underAttack { world in
            let inside = try await world.inside("acme", as: world.alice)
            #expect(
                await inside.connection.sqlState("SELECT piste.declare('key.rotate', 'users')") == "PT400")
            try await world.expectReading(inside.connection)
            await inside.connection.close()
        }
    }

    @Test func asksAnAdminInTheCompanyToLeaveFirst() async throws {
        try await EngineWorld.underAttack { world in
            let (bob, _) = try await world.inside("acme", as: world.bob)
            let before = try await world.keys("acme").current
            #expect(try await bob.refusal("rotate_signing_key('acme')") == "in_context")
            #expect(try await world.keys("acme").current == before)
            try await world.expectReading(bob)
            // From another company it may be done.
            #expect(try await bob.refusal("rotate_signing_key('globex')") == nil)
            try await world.expectReading(bob)
            try await bob.query("SELECT piste.leave()")
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            #expect(try await world.keys("acme").current != before)
            await bob.close()
        }
    }

    @Test func isPossibleWhileTheCompanyIsSuspended() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("suspend_company('acme')") == nil)
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            #expect(try await alice.enter(token) == "token_old_key")
            #expect(try await bob.value("SELECT status FROM piste.company('acme')") == "suspended")
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            #expect(try await alice.enter(token) == "token_old_key")
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    @Test func listsEveryKeyAndNoSecret() async throws {
        try await EngineWorld.run { world in
            let client = try await world.client(world.bob)
            let first = try #require(try await client.signingKeys(of: "acme").first)
            #expect(first.retiredAt == nil && first.retiredBy == nil && first.algorithm == "HS256")
            #expect(first.createdBy == "postgres", "the world's companies are the superuser's")
            let rotation = try await client.rotateSigningKey(for: "acme")
            #expect(rotation.retiredKid == first.kid)
            #expect(rotation.contextsEnded == 0 && rotation.tokensEnded == 0)
            let keys = try await client.signingKeys(of: "acme")
            #expect(keys.map(\.kid) == [rotation.kid, first.kid])
            #expect(keys[0].createdBy == world.bob && keys[0].retiredAt == nil)
            #expect(keys[1].retiredBy == world.bob && keys[1].retiredAt != nil)
            let columns = try await world.owner.value(
                "SELECT proargnames::text FROM pg_proc WHERE oid = 'piste.signing_keys(text)'::regprocedure")
            #expect(!columns.contains("secret"))
            // Not even the table's owner gives a retired key its secret back.
            #expect(
                await world.owner.sqlState(
                    "UPDATE piste.signing_key SET secret = '\\x\(String(repeating: "00", count: 32))' WHERE kid = $1",
                    [.text(first.kid)]) == "23514")
            let alice = try await world.client(world.alice)
            let refused = await failure { () throws(TenancyError) in
                _ = try await alice.rotateSigningKey(for: "acme")
            }
            #expect(refused?.refusalCode == "not_allowed")
            let unlisted = await failure { () throws(TenancyError) in
                _ = try await alice.signingKeys(of: "acme")
            }
            #expect(unlisted?.refusalCode == "not_allowed")
            await client.close()
            await alice.close()
        }
    }

    @Test func aRollbackLeavesTheOldKeyInUse() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let before = try await world.keys("acme")
            let bob = try await world.connect(world.bob)
            try await bob.query("BEGIN")
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            try await bob.query("ROLLBACK")
            let after = try await world.keys("acme")
            #expect(after.current == before.current && after.retired == 0)
            #expect(try await alice.enter(token) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    /// A company's keys go with it, the retired ones too, and the certificate names each.
    @Test func deletionNamesEveryKey() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let first = try await world.keys("acme").current
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            let second = try await world.keys("acme").current
            let certificate = try await bob.value(
                "SELECT certificate::text FROM piste.delete_company('acme', 'acme')")
            #expect(certificate.contains(first) && certificate.contains(second))
            #expect(try await world.owner.number("SELECT count(*) FROM piste.signing_key") == 1)
            #expect(try await bob.refusal("rotate_signing_key('acme')") == "unknown_company")
            await bob.close()
        }
    }
}

extension EngineWorld {
    /// The kid in use, and how many keys are retired; there is never more than one in use.
    func keys(_ company: String) async throws -> (current: String, retired: Int) {
        let row = try await owner.query(
            """
            SELECT string_agg(kid, ' ') FILTER (WHERE retired_at IS NULL), count(retired_at)
            FROM piste.signing_key k JOIN piste.company c ON c.id = k.company WHERE c.url_id = $1
            """, [.text(company)])[0]
        return (try row.string(0), try row.int(1))
    }

    /// How many keys of the company still have a secret.
    func secrets(_ company: String) async throws -> Int {
        try await owner.number(
            """
            SELECT count(secret) FROM piste.signing_key k JOIN piste.company c ON c.id = k.company
            WHERE c.url_id = $1
            """, [.text(company)])
    }
}
