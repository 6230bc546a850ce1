import Postgres
import TestSupport
import Testing

/// Acting as somebody takes a reason, and changes only what mends.
struct ImpersonationEngineTests {
    @Test func takesAReasonAndTheRight() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            #expect(try await alice.refusal("impersonate_company('acme', '')") == "reason_required")
            #expect(try await alice.refusal("impersonate_company('acme', E' \\t\\n')") == "reason_required")
            #expect(try await alice.refusal("impersonate_company('acme', NULL)") == "reason_required")
            #expect(try await alice.refusal("impersonate_company('acme', 'why')") == nil)
            #expect(
                await alice.sqlState("SELECT piste.impersonate_company('acme', 'why', NULL, 'no address')")
                    == "PT400")
            #expect(
                await alice.sqlState("SELECT piste.impersonate_company('acme', repeat('x', 1001))") == "PT413"
            )
            for login in [world.carol, world.shop] {
                let other = try await world.connect(login)
                #expect(try await other.refusal("impersonate_company('acme', 'why')") == "not_allowed")
                await other.close()
            }
            let record = try await world.lastRecord("impersonation.refused", in: world.acme)
            #expect(record.contains("not_allowed"))
            await alice.close()
        }
    }

    @Test func mendsAndIsRecordedWithOldAndNew() async throws {
        try await EngineWorld.run { world in
            let (alice, jti) = try await world.inImpersonation("acme", as: world.alice)
            #expect(await alice.sqlState("UPDATE users SET status = 'suspended' WHERE id = 1") == "PT403")
            try await alice.declare("users,journeys")
            #expect(try await alice.query("UPDATE users SET status = 'suspended' WHERE id = 1").affected == 1)
            #expect(
                try await alice.query("UPDATE journeys SET status = 'done', current_step = 2 WHERE id = 1")
                    .affected == 1)
            for sql in [
                "UPDATE users SET email = 'x'", "DELETE FROM users", "TRUNCATE \(world.acme).users",
                "INSERT INTO users (email, name) VALUES ('x', 'x')", "UPDATE journeys SET name = 'x'",
            ] {
                #expect(await alice.sqlState(sql) == "42501", "\(sql)")
            }
            let right = try await world.owner.query(
                """
                SELECT resource = 'users/1' AND actor = $1 AND subject = 'acme' AND context = $2::uuid
                    AND detail = '{"columns": ["status"]}'
                    AND piste_test.recorded(e) = '{"old": {"status": "active"}, "new": {"status": "suspended"}}'
                FROM piste_test.trail('\(world.acme)') e WHERE action = 'users.update'
                """, [.text(world.alice), .text(jti)])
            #expect(right.count == 1)
            #expect(try right[0].bool(0))
            await alice.close()
        }
    }

    @Test func doesNotNest() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            #expect(try await alice.refusal("impersonate_company('globex', 'why')") == "nested_impersonation")
            await alice.close()
        }
    }

    @Test func endsWhenTheCompanySaysNo() async throws {
        try await EngineWorld.run { world in
            let (agent, _) = try await world.inImpersonation("acme", as: world.alice)
            let (reader, _) = try await world.inside("acme", as: world.alice)
            let bob = try await world.connect(world.bob)
            #expect(
                try await bob.number("SELECT contexts_ended FROM piste.set_company_policy('acme', 'denied')")
                    == 1)
            #expect(try await world.backendEnds(agent.backendPID))
            #expect(try await reader.refusal("impersonate_company('acme', 'why')") == "impersonation_denied")
            try await reader.declare()
            #expect(try await reader.count("users") == EngineWorld.users)
            await reader.close()
            await bob.close()
        }
    }

    @Test func aServiceWritesAndIsRecorded() async throws {
        try await EngineWorld.run { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            #expect(await shop.sqlState("INSERT INTO users (email, name) VALUES ('a@b', 'A')") == "PT403")
            try await shop.declare()
            let id = try await shop.number("INSERT INTO users (email, name) VALUES ('a@b', 'A') RETURNING id")
            try await shop.query("UPDATE users SET name = 'B' WHERE id = \(id)")
            // What goes with a user is written too: it has to be named.
            #expect(await shop.sqlState("DELETE FROM users WHERE id = \(id)") == "PT403")
            try await shop.declare("users,journeys")
            try await shop.query("DELETE FROM users WHERE id = \(id)")
            #expect(await shop.sqlState("TRUNCATE \(world.acme).users") == "42501")
            #expect(await shop.sqlState("TRUNCATE users") == "42809")
            let actions = try await world.owner.value(
                """
                SELECT string_agg(action, ' ' ORDER BY seq) FROM piste_test.trail('\(world.acme)')
                WHERE resource = 'users/\(id)'
                """)
            #expect(actions == "users.insert users.update users.delete")
            await shop.close()
        }
    }
}
