import Postgres
import TestSupport
import Testing

/// The end of a context is the end of what could be read with it.
struct ExpiryTests {
    @Test func shutsTheGateForAnOpenCursorToo() async throws {
        try await EngineWorld.run { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            try await world.expire(jti, in: 5_000)
            try await alice.query("BEGIN")
            try await alice.query("DECLARE c CURSOR FOR SELECT id FROM users")
            #expect(try await alice.query("FETCH 3 FROM c").count == 3)
            try await world.owner.query(
                "SELECT pg_sleep_until(expires_at + interval '10 ms') FROM piste.context WHERE jti = $1::uuid",
                [.text(jti)])
            #expect(try await alice.query("FETCH ALL FROM c").count == 0)
            try await alice.query("COMMIT")
            #expect(try await alice.count("users") == 0)
            #expect(await alice.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410")
            await alice.close()
        }
    }

    @Test func theSweepEndsBackendMembershipAndToken() async throws {
        try await EngineWorld.run { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.query("SELECT * FROM piste.sweep()").count == 0)
            #expect(try await world.memberships(world.alice) == 1)
            try await world.expire(jti)
            let done = try await bob.query("SELECT did, jti::text FROM piste.sweep()")
            #expect(done.count == 1)
            #expect(try done.first?.string("did") == "expired")
            #expect(try done.first?.string("jti") == jti)
            #expect(try await world.backendEnds(alice.backendPID))
            #expect(try await world.memberships(world.alice) == 0)
            #expect(await alice.sqlState("SELECT 1") != nil)
            #expect(try await world.lastRecord("context.expire", in: world.acme).contains(jti))
            #expect(try await bob.query("SELECT * FROM piste.sweep()").count == 0)
            await bob.close()
        }
    }

    @Test func leavingTooLateIsPolite() async throws {
        try await EngineWorld.run { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await world.expire(jti)
            #expect(try await alice.value("SELECT piste.leave()").contains("expired"))
            #expect(try await alice.value("SELECT current_user") == world.alice)
            #expect(try await world.memberships(world.alice) == 0)
            await alice.close()
        }
    }

    @Test func aLostBackendLosesItsMembershipAndTheTokenLivesOn() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            #expect(try await alice.enter(token.text) == nil)
            let pid = alice.backendPID
            await alice.close()
            let isGone = try await eventually { try await !world.backendLives(pid) }
            #expect(isGone)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.value("SELECT did FROM piste.sweep()") == "detached")
            #expect(try await world.memberships(world.alice) == 0)
            let again = try await world.connect(world.alice)
            #expect(try await again.enter(token.text) == nil)
            try await again.declare()
            #expect(try await again.count("users") == EngineWorld.users)
            await again.close()
            await bob.close()
        }
    }

    @Test func anAdminEndsAContextThatHoldsTheTrail() async throws {
        try await EngineWorld.run { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            try await alice.query("BEGIN")
            try await alice.declare()
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("end_context($1::uuid, 'enough')", [.text(jti)]) == nil)
            #expect(try await world.backendEnds(alice.backendPID))
            #expect(try await world.memberships(world.alice) == 0)
            let first = try await bob.value(
                "SELECT ended_at FROM piste.end_context($1::uuid, 'again')", [.text(jti)])
            let second = try await bob.value(
                "SELECT ended_at FROM piste.end_context($1::uuid, 'again')", [.text(jti)])
            #expect(first == second)
            let carol = try await world.connect(world.carol)
            #expect(
                try await carol.refusal("end_context($1::uuid, 'mine?')", [.text(jti)]) == "unknown_context")
            await bob.close()
            await carol.close()
        }
    }

    @Test func suspensionThrowsOutAtOnceAndForGood() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            #expect(try await alice.enter(token.text) == nil)
            // Another session of hers holds the trail's lock and idles.
            let idler = try await world.connect(world.alice)
            try await idler.query("BEGIN")
            _ = try await idler.token("acme")
            let bob = try await world.connect(world.bob)
            let row = try await bob.query("SELECT * FROM piste.suspend_company('acme')")[0]
            #expect(try row.string("status") == "suspended")
            #expect(try row.int("contexts_ended") == 1)
            #expect(try await world.backendEnds(alice.backendPID))
            let again = try await world.connect(world.alice)
            #expect(try await again.refusal("generate_context_token('acme')") == "company_suspended")
            #expect(try await again.enter(token.text) == "company_suspended")
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            #expect(try await again.enter(token.text) == "token_ended")
            #expect(try await again.refusal("generate_context_token('acme')") == nil)
            await again.close()
            await bob.close()
        }
    }

    @Test func theSweepTakesBackWhatNothingAccountsFor() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("GRANT \(world.globex)_writer TO \(world.carol)")
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.query("ALTER ROLE \(world.acme)_reader SET work_mem = '1GB'")
            let bob = try await world.connect(world.bob)
            let done = try await bob.query("SELECT did FROM piste.sweep()").map { try $0.string(0) }
            // From 16 on only its granter takes it back.
            let isTaken = try await world.version < 160_000
            #expect(Set(done).isSuperset(of: [isTaken ? "revoked" : "incident", "reset"]))
            #expect(done.contains("revoked") == isTaken)
            #expect(try await world.memberships(world.carol) == (isTaken ? 0 : 1))
            let action = isTaken ? "membership.revoke" : "incident.membership"
            #expect(try await world.lastRecord(action, in: world.globex).contains(world.carol))
            try await alice.declare()
            #expect(try await alice.count("users") == EngineWorld.users)
            await alice.close()
            await bob.close()
        }
    }
}
