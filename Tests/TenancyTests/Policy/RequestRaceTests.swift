import Postgres
import TestSupport
import Testing

/// Two at once: exactly one is first, whoever it is.
struct RequestRaceTests {
    private static let rounds = 12

    @Test func ofTwoWhoDecideOneDoes() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let dora = try await world.connect(try await world.another("dora", "support"))
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            for round in 0..<Self.rounds {
                let id = try await alice.ask("acme", "round \(round)")
                async let first = bob.decide(id, true)
                async let second = dora.decide(id, round % 2 == 0, "mine")
                let refusals = try await [first, second].compactMap(\.self)
                #expect(refusals.count == 1, "\(refusals)")
                let state = try await world.state(id)
                #expect(refusals == ["request_\(state)"])
                let approvals = try await world.records("impersonation.approve", of: id, in: world.acme)
                let denials = try await world.records("impersonation.deny", of: id, in: world.acme)
                #expect(approvals == (state == "approved" ? 1 : 0))
                #expect(denials == (state == "denied" ? 1 : 0))
                _ = try await alice.refusal("withdraw_request('\(id)')")
            }
            for connection in [alice, bob, dora] { await connection.close() }
        }
    }

    @Test func ofTwoWhoClaimOneGetsAToken() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let other = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            for round in 0..<Self.rounds {
                let id = try await alice.ask("acme", "round \(round)")
                #expect(try await bob.decide(id, true) == nil)
                async let first = alice.claim(id)
                async let second = other.claim(id)
                let outcomes = try await [first, second]
                #expect(outcomes.compactMap(\.token).count == 1)
                #expect(outcomes.compactMap(\.refusal) == ["request_claimed"])
                #expect(
                    try await world.owner.number(
                        "SELECT count(*) FROM piste.context WHERE request = $1::uuid", [.text(id)]) == 1)
            }
            for connection in [alice, other, bob] { await connection.close() }
        }
    }

    @Test func decidingAndRunningOutDoNotBothHappen() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'approval'")
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let sweeper = try await world.connect(world.shop)
            for round in 0..<Self.rounds {
                let id = try await alice.ask("acme", "round \(round)")
                try await world.expireRequest(id, in: round)
                async let decided = bob.decide(id, true)
                async let swept = sweeper.query("SELECT did FROM piste.sweep()")
                let refusal = try await decided
                _ = try await swept
                let approvals = try await world.records("impersonation.approve", of: id, in: world.acme)
                let lapses = try await world.records("impersonation.lapse", of: id, in: world.acme)
                #expect(approvals == (refusal == nil ? 1 : 0), "round \(round)")
                #expect(approvals + lapses == 1, "round \(round): \(refusal ?? "approved")")
                #expect(refusal == nil || refusal == "request_expired")
                _ = try await alice.refusal("withdraw_request('\(id)')")
            }
            for connection in [alice, bob, sweeper] { await connection.close() }
        }
    }

    @Test func nothingIsClaimedUnderAPolicyThatForbidsIt() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            let admin = try await world.connect(world.bob)
            for round in 0..<Self.rounds {
                try await world.policy("'approval'")
                let id = try await alice.ask("acme", "round \(round)")
                #expect(try await bob.decide(id, true) == nil)
                async let claimed = alice.claim(id)
                async let denied = admin.refusal("set_company_policy('acme', 'denied')")
                let outcome = try await claimed
                #expect(try await denied == nil)
                if let token = outcome.token {
                    // Ended with the policy, or refused by it when it had not been committed yet.
                    let refusal = try await alice.enter(token)
                    #expect(["token_ended", "impersonation_denied"].contains(refusal), "round \(round)")
                } else {
                    #expect(outcome.refusal == "request_denied", "round \(round)")
                }
                #expect(try await world.memberships(world.alice) == 0)
            }
            try await world.policy("'approval'")
            let id = try await alice.ask("acme", "control")
            #expect(try await bob.decide(id, true) == nil)
            let token = try #require(try await alice.claim(id).token)
            #expect(try await alice.enter(token) == nil)
            for connection in [alice, bob, admin] { await connection.close() }
        }
    }
}
