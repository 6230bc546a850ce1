import Postgres
import TestSupport
import Testing

/// Attacks on the second pair of eyes; each ends with the same thing done rightly.
struct ApprovalAttackTests {
    @Test func nobodyApprovesTheirOwn() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval'")
            for login in [world.alice, world.bob] {
                let mine = try await world.connect(login)
                let id = try await mine.ask("acme", "let me in")
                #expect(try await mine.decide(id, true) == "own_request")
                #expect(try await mine.decide(id, false) == "own_request")
                try await mine.query("SET application_name = '\(world.bob)'")
                #expect(await mine.sqlState("SET SESSION AUTHORIZATION \(world.carol)") == "42501")
                #expect(try await mine.decide(id, true) == "own_request")
                #expect(try await mine.claim(id).refusal == "request_pending")
                let other = try await world.connect(login == world.bob ? world.alice : world.bob)
                #expect(try await other.decide(id, true) == nil)
                #expect(try await mine.claim(id).token != nil)
                await mine.close()
                await other.close()
            }
            // Not even the table would take it.
            #expect(
                await world.owner.sqlState("UPDATE piste.request SET decided_by = operator") == "23514")
        }
    }

    @Test func onlySupportAndAdminsDecideAndSee() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let id = try await alice.ask()
            for login in [world.carol, world.shop] {
                let other = try await world.connect(login)
                #expect(try await other.decide(id, true) == "not_allowed")
                #expect(try await other.decide("00000000-0000-4000-8000-000000000000", true) == "not_allowed")
                #expect(try await other.claim(id).refusal == "not_allowed")
                #expect(try await other.refusal("withdraw_request('\(id)')") == "not_allowed")
                #expect(try await other.number("SELECT count(*) FROM piste.requests(false)") == 0)
                #expect(try await other.number("SELECT count(*) FROM piste.request('\(id)')") == 0)
                #expect(try await other.refusal("watch_requests()") == "not_allowed")
                await other.close()
            }
            // The cluster's owner is outside the engine: it installs, and is nobody's second pair of eyes.
            #expect(try await world.owner.decide(id, true) == "not_allowed")
            #expect(try await world.state(id) == "pending")
            let dora = try await world.another("dora", "support")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.number("SELECT count(*) FROM piste.request('\(id)')") == 1)
            let late = try await world.connect(dora)
            #expect(try await late.decide(id, true) == "added_since", "an accomplice made for the purpose")
            #expect(try await bob.decide(id, true) == nil)
            #expect(try await late.claim(id).refusal == "foreign_request")
            #expect(try await bob.claim(id).refusal == "foreign_request")
            #expect(try await bob.refusal("withdraw_request('\(id)')") == "foreign_request")
            let token = try #require(try await alice.claim(id).token)
            #expect(try await bob.enter(token) == "token_foreign")
            #expect(try await alice.enter(token) == nil)
            try await world.expectReading(alice)
            for connection in [alice, bob, late] { await connection.close() }
        }
    }

    @Test func whoIsGoneNeitherGetsNorGives() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval'")
            let doraLogin = try await world.another("dora", "support")
            let erinLogin = try await world.another("erin", "support")
            var dora = try await world.connect(doraLogin)
            var erin = try await world.connect(erinLogin)
            var alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            // Whoever asked was removed, and comes back: what they asked before does not.
            let asked = try await dora.ask("acme", "one")
            let granted = try await dora.ask("acme", "two")
            #expect(try await bob.decide(granted, true) == nil)
            #expect(try await bob.refusal("remove_operator('\(doraLogin)')") == nil)
            #expect(try await world.backendEnds(dora.backendPID), "whoever is removed is out of the database")
            dora = try await world.connect(doraLogin)
            #expect(await dora.sqlState("SELECT * FROM piste.claim_request('\(granted)')") == "42501")
            #expect(try await bob.decide(asked, true) == "requester_gone")
            #expect(try await bob.number("SELECT count(*) FROM piste.requests()") == 0)
            #expect(try await bob.refusal("add_operator('\(doraLogin)', 'support')") == nil)
            #expect(try await dora.claim(granted).refusal == "requester_gone")
            #expect(try await bob.decide(asked, true) == "requester_gone")
            // Whoever approved was removed, or may not approve any more.
            let first = try await alice.ask("acme", "three")
            #expect(try await erin.decide(first, true) == nil)
            #expect(try await bob.refusal("add_operator('\(erinLogin)', 'viewer')") == nil)
            #expect(try await alice.claim(first).refusal == "approver_gone")
            #expect(try await bob.refusal("remove_operator('\(erinLogin)')") == nil)
            #expect(try await alice.claim(first).refusal == "approver_gone")
            erin = try await world.connect(erinLogin)
            #expect(
                await erin.sqlState("SELECT * FROM piste.decide_request('\(first)', true, 'x')") == "42501")
            // Whoever asked may not impersonate any more.
            let second = try await alice.ask("acme", "four")
            #expect(try await bob.decide(second, true) == nil)
            #expect(try await bob.refusal("add_operator('\(world.alice)', 'viewer')") == nil)
            #expect(try await world.backendEnds(alice.backendPID), "another level is another login")
            alice = try await world.connect(world.alice)
            #expect(try await alice.claim(second).refusal == "requester_gone")
            #expect(try await bob.refusal("add_operator('\(world.alice)', 'support')") == nil)
            alice = try await world.connect(world.alice)
            #expect(try await alice.claim(second).token != nil)
            for connection in [alice, bob, dora, erin] { await connection.close() }
        }
    }

    @Test func whatIsTakenBackWasNothing() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let id = try await alice.ask()
            try await bob.query("BEGIN")
            #expect(try await bob.decide(id, true) == nil)
            try await bob.query("ROLLBACK")
            #expect(try await alice.claim(id).refusal == "request_pending")
            #expect(try await world.records("impersonation.approve", in: world.acme) == 0)
            #expect(try await bob.decide(id, true) == nil)
            try await alice.query("BEGIN")
            let token = try #require(try await alice.claim(id).token)
            try await alice.query("ROLLBACK")
            #expect(try await alice.enter(token) == "token_unknown")
            #expect(try await world.state(id) == "approved")
            let kept = try #require(try await alice.claim(id).token)
            #expect(try await alice.enter(kept) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    @Test func aSnapshotKeepsNobodyIn() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval'")
            let erinLogin = try await world.another("erin", "support")
            let erin = try await world.connect(erinLogin)
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let id = try await alice.ask()
            for level in ["REPEATABLE READ", "SERIALIZABLE"] {
                try await bob.query("BEGIN ISOLATION LEVEL \(level)")
                #expect(
                    await bob.sqlState("SELECT * FROM piste.decide_request('\(id)', true, 'x')") == "PT409")
                try await bob.query("ROLLBACK")
            }
            #expect(try await erin.decide(id, true) == nil)
            // Alice's snapshot still has erin in it.
            try await alice.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            try await alice.query("SELECT * FROM piste.requests()")
            #expect(try await bob.refusal("remove_operator('\(erinLogin)')") == nil)
            #expect(await alice.sqlState("SELECT * FROM piste.claim_request('\(id)')") == "PT409")
            try await alice.query("ROLLBACK")
            #expect(try await alice.claim(id).refusal == "approver_gone")
            let again = try await alice.ask("acme", "again")
            #expect(try await bob.decide(again, true) == nil)
            #expect(try await alice.claim(again).token != nil)
            for connection in [alice, bob, erin] { await connection.close() }
        }
    }

    @Test func nobodyTouchesTheTablesOrTheInnerFunctions() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let id = try await alice.ask()
            for connection in [alice, bob] {
                for sql in [
                    "SELECT * FROM piste.request",
                    "UPDATE piste.request SET state = 'approved', decided_by = 'x'",
                    "INSERT INTO piste.request SELECT * FROM piste.request", "DELETE FROM piste.request",
                    "UPDATE piste.company SET impersonation = 'allowed'",
                    "SELECT channel FROM piste.channel",
                    "ALTER TABLE piste.request DISABLE TRIGGER ALL", "SELECT piste.lapse_requests()",
                    "SELECT piste.settle_request(r, 'approved', 'x', 'x', 'x') FROM piste.request r",
                    "SELECT piste.issue_token(c, 'impersonation', 'a', NULL, 'b', NULL, 30) FROM piste.company c",
                    "SELECT piste.request_approval(NULL, NULL, 'x', NULL, 5)",
                    "SELECT piste.pattern_problem('x')",
                    "SELECT piste.policy_problem(NULL, 1, NULL, NULL, true)",
                ] {
                    #expect(await connection.sqlState(sql) == "42501", "\(sql)")
                }
            }
            for (call, state) in [
                ("decide_request(NULL, true, 'x')", "PT400"), ("decide_request('\(id)', NULL, 'x')", "PT400"),
                ("decide_request('\(id)', true, NULL)", "PT400"),
                ("decide_request('\(id)', true, E' \\t')", "PT400"),
                ("decide_request('\(id)', true, repeat('x', 1001))", "PT413"),
                ("claim_request(NULL)", "PT400"),
                ("withdraw_request(NULL)", "PT400"), ("request(NULL)", "PT400"),
                ("decide_request('rubbish', true, 'x')", "22P02"),
            ] {
                #expect(await bob.sqlState("SELECT * FROM piste.\(call)") == state, "\(call)")
            }
            #expect(try await bob.decide("00000000-0000-4000-8000-000000000000", true) == "unknown_request")
            #expect(try await bob.claim("00000000-0000-4000-8000-000000000000").refusal == "unknown_request")
            #expect(try await world.state(id) == "pending")
            #expect(try await bob.decide(id, true, "Robert'); DROP TABLE piste.request; --\u{1B}[2J") == nil)
            #expect(try await alice.claim(id).token != nil)
            await alice.close()
            await bob.close()
        }
    }

    @Test func anApprovalIsForOneCompanyOneReasonAndOneToken() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("'approval', ticket_pattern => 'T-[0-9]+'")
            try await world.policy("'approval'", of: "globex")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let id = try await alice.ask("acme", "this", ticket: "T-1", minutes: 5)
            #expect(try await bob.decide(id, true) == nil)
            // Anything else asks anew; the same names what is approved, and gives no token by itself.
            #expect(try await alice.ask("acme", "that", ticket: "T-1", minutes: 5) != id)
            #expect(try await alice.ask("acme", "this", ticket: "T-2", minutes: 5) != id)
            #expect(try await alice.ask("acme", "this", ticket: "T-1", minutes: 6) != id)
            #expect(try await alice.ask("globex", "this", ticket: "T-1", minutes: 5) != id)
            #expect(try await alice.ask("acme", "this", ticket: "T-1", minutes: 5) == id)
            #expect(try await bob.ask("acme", "this", ticket: "T-1", minutes: 5) != id)
            let token = try #require(try await alice.claim(id).token)
            #expect(try await alice.enter(token) == nil)
            try await alice.query("SELECT piste.leave()")
            #expect(try await alice.enter(token) == "token_ended")
            #expect(try await alice.ask("acme", "this", ticket: "T-1", minutes: 5) != id)
            await alice.close()
            await bob.close()
        }
    }
}
