import Postgres
import TestSupport
import Testing

/// A request's life: asked, decided by another, claimed once, each step on record.
struct RequestEngineTests {
    @Test func isApprovedByAnotherClaimedOnceAndRecorded() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let id = try await alice.ask("acme", "cannot log in", ticket: "SUP-1", minutes: 7)
            #expect(
                try await alice.ask("acme", "cannot log in", ticket: "SUP-1", minutes: 7) == id,
                "the same one")
            let seen = try await bob.query("SELECT * FROM piste.requests()")
            #expect(seen.count == 1)
            #expect(try seen[0].string("id") == id)
            #expect(try seen[0].string("operator") == world.alice)
            #expect(try seen[0].string("reason") == "cannot log in")
            #expect(try seen[0].string("ticket") == "SUP-1")
            #expect(try seen[0].int("minutes") == 7)
            #expect(try seen[0].bool("may_decide"))
            #expect(try await alice.value("SELECT may_decide FROM piste.requests()") == "f")
            #expect(try await alice.claim(id).refusal == "request_pending")
            #expect(try await bob.decide(id, true, "known customer") == nil)
            #expect(try await bob.decide(id, false) == "request_approved")
            let token = try #require(try await alice.claim(id).token)
            #expect(try await alice.claim(id).refusal == "request_claimed")
            #expect(try await alice.enter(token) == nil)
            #expect(
                try await alice.value("SELECT purpose || ' ' || access FROM piste.whoami()")
                    == "impersonation read+write")
            try await world.expectReading(alice)
            let steps = try await world.owner.value(
                """
                SELECT string_agg(action || ' by ' || actor, ', ' ORDER BY seq) FROM piste_test.trail('\(world.acme)')
                WHERE action LIKE 'impersonation.%' AND action <> 'impersonation.refused'
                """)
            #expect(
                steps == "impersonation.request by \(world.alice), impersonation.approve by \(world.bob), "
                    + "impersonation.issue by \(world.alice)")
            let issue = try await world.lastRecord("impersonation.issue", in: world.acme)
            for part in [id, "\"approved_by\": \"\(world.bob)\"", "known customer", "cannot log in", "SUP-1"]
            {
                #expect(issue.contains(part), "\(part)")
            }
            #expect(try await world.owner.value("SELECT ok FROM piste.verify_audit('acme')") == "t")
            await alice.close()
            await bob.close()
        }
    }

    @Test func isDeniedWithAReasonOrWithdrawn() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let denied = try await alice.ask("acme", "one")
            #expect(try await bob.decide(denied, false, "not on a Friday") == nil)
            let refusal = try await alice.value("SELECT refusal FROM piste.claim_request('\(denied)')")
            #expect(refusal == "request_denied: this request was denied: not on a Friday")
            #expect(
                try await world.lastRecord("impersonation.deny", in: world.acme).contains("not on a Friday"))
            let withdrawn = try await alice.ask("acme", "two")
            #expect(try await alice.refusal("withdraw_request('\(withdrawn)')") == nil)
            #expect(try await bob.decide(withdrawn, true) == "request_withdrawn")
            #expect(try await alice.refusal("withdraw_request('\(withdrawn)')") == "request_withdrawn")
            // Denied once is not denied for ever.
            let again = try await alice.ask("acme", "one")
            #expect(again != denied)
            #expect(try await bob.decide(again, true) == nil)
            #expect(try await alice.refusal("withdraw_request('\(again)')") == nil)
            #expect(try await alice.claim(again).refusal == "request_withdrawn")
            #expect(try await world.owner.number("SELECT count(*) FROM piste.context") == 0)
            #expect(try await alice.number("SELECT count(*) FROM piste.requests()") == 0)
            #expect(try await alice.number("SELECT count(*) FROM piste.requests(false)") == 3)
            await alice.close()
            await bob.close()
        }
    }

    @Test func runsOutUndecidedOrUnclaimed() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let late = try await alice.ask("acme", "one")
            try await world.expireRequest(late)
            #expect(try await bob.number("SELECT count(*) FROM piste.requests()") == 0)
            #expect(try await bob.value("SELECT state FROM piste.request('\(late)')") == "expired")
            #expect(try await bob.decide(late, true) == "request_expired")
            #expect(try await world.state(late) == "expired")
            #expect(try await world.records("impersonation.lapse", of: late, in: world.acme) == 1)

            let unclaimed = try await alice.ask("acme", "two")
            #expect(try await bob.decide(unclaimed, true) == nil)
            try await world.expireRequest(unclaimed)
            #expect(try await alice.claim(unclaimed).refusal == "request_expired")
            #expect(
                try await world.lastRecord("impersonation.lapse", in: world.acme).contains(
                    "nobody claimed it in time"))

            // The sweeper finds what nobody asks about, and knows beforehand when it is due.
            let forgotten = try await alice.ask("acme", "three")
            #expect(try await alice.number("SELECT due_in FROM piste.next_sweep()") > 0)
            try await world.expireRequest(forgotten)
            #expect(try await alice.number("SELECT due_in FROM piste.next_sweep()") == 0)
            let swept = try await bob.query(
                "SELECT did, url_id, operator, detail FROM piste.sweep() WHERE did = 'lapsed'")
            #expect(swept.count == 1)
            #expect(try swept[0].string(1) == "acme")
            #expect(try swept[0].string(2) == world.alice)
            #expect(try swept[0].string(3) == "request \(forgotten)")
            #expect(try await bob.number("SELECT count(*) FROM piste.sweep() WHERE did = 'lapsed'") == 0)
            #expect(try await world.records("impersonation.lapse", of: forgotten, in: world.acme) == 1)
            #expect(try await alice.value("SELECT due_in FROM piste.next_sweep()").isEmpty)
            await alice.close()
            await bob.close()
        }
    }

    @Test func theMinutesBeginWhenItIsClaimed() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let id = try await alice.ask("acme", "why", minutes: 3)
            try await world.owner.query(
                "UPDATE piste.request SET asked_at = asked_at - interval '10 minutes'")
            try await world.owner.query("UPDATE piste.operator SET added_at = added_at - interval '1 day'")
            #expect(try await bob.decide(id, true) == nil)
            #expect(try await alice.claim(id).token != nil)
            #expect(
                try await world.owner.number(
                    "SELECT extract(epoch FROM expires_at - issued_at)::int FROM piste.context") == 180)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.context WHERE expires_at > clock_timestamp() + interval '1 minute'"
                )
                    == 1)
            await alice.close()
            await bob.close()
        }
    }

    @Test func dependsOnThePolicyAsItIsWhenItIsClaimed() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            // What the new policy does not allow is denied with it, whether it waits or is approved already.
            for change in ["'denied'", "max_minutes => 5", "ticket_required => true"] {
                let waiting = try await alice.ask("acme", "waits \(change)", minutes: 10)
                let approved = try await alice.ask("acme", "approved \(change)", minutes: 10)
                #expect(try await bob.decide(approved, true) == nil)
                let row = try await bob.query("SELECT * FROM piste.set_company_policy('acme', \(change))")[0]
                #expect(try row.int("requests_denied") == 2, "\(change)")
                #expect(try await bob.decide(waiting, true) == "request_denied")
                #expect(try await alice.claim(approved).refusal == "request_denied")
                #expect(try await world.records("impersonation.deny", of: approved, in: world.acme) == 1)
                try await world.policy("'approval', 30, false")
            }
            // Rights are those of the policy at the claim.
            let narrow = try await alice.ask("acme", "narrow")
            #expect(try await bob.decide(narrow, true) == nil)
            try await world.policy("rights => 'read-only'")
            let token = try #require(try await alice.claim(narrow).token)
            #expect(try await alice.enter(token) == nil)
            #expect(try await alice.value("SELECT access FROM piste.whoami()") == "read")
            // What was approved stays when the policy begins to want an approval; what was not, goes.
            try await world.policy("'allowed', rights => 'read+write'")
            let dora = try await world.another("dora", "support")
            let (unapproved, _) = try await world.inImpersonation("acme", as: dora)
            try await world.policy("'approval'")
            #expect(try await world.backendEnds(unapproved.backendPID))
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    @Test func isForNobodyInASuspendedCompany() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let waiting = try await alice.ask("acme", "one")
            let approved = try await alice.ask("acme", "two")
            #expect(try await bob.decide(approved, true) == nil)
            #expect(try await bob.refusal("suspend_company('acme')") == nil)
            #expect(try await bob.decide(waiting, true) == "company_suspended")
            #expect(try await alice.claim(approved).refusal == "company_suspended")
            #expect(try await alice.refusal("impersonate_company('acme', 'three')") == "company_suspended")
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            #expect(try await bob.decide(waiting, true) == nil)
            #expect(try await alice.claim(approved).token != nil)
            // A deleted company takes its requests with it.
            #expect(try await bob.refusal("delete_company('acme', 'acme')") == nil)
            #expect(try await world.owner.count("piste.request") == 0)
            #expect(try await alice.claim(waiting).refusal == "unknown_request")
            await alice.close()
            await bob.close()
        }
    }

    @Test func isCountedSoThatNobodyFloodsTheOthers() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            try await world.policy("'approval'", of: "globex")
            let alice = try await world.connect(world.alice)
            var ids: [String] = []
            for number in 1...10 {
                ids.append(try await alice.ask(number % 2 == 0 ? "acme" : "globex", "r\(number)"))
            }
            #expect(try await alice.refusal("impersonate_company('acme', 'one more')") == "too_many_requests")
            #expect(try await alice.refusal("withdraw_request('\(ids[0])')") == nil)
            _ = try await alice.ask("acme", "one more")
            let bob = try await world.connect(world.bob)
            _ = try await bob.ask("acme", "another's")
            await alice.close()
            await bob.close()
        }
    }
}
