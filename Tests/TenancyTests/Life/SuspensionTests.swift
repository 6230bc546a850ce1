import Postgres
import TestSupport
import Testing

/// Renaming changes a label; suspending ends what is open at once, and what it ended stays ended.
struct SuspensionTests {
    @Test func endsAnIdleBackendAndOneThatIsAtWork() async throws {
        try await EngineWorld.run { world in
            let (idle, _) = try await world.inside("acme", as: world.alice)
            let (busy, _) = try await world.inside("acme", as: world.carol)
            let (inTransaction, _) = try await world.inside("acme", as: world.shop)
            let (elsewhere, _) = try await world.inside("globex", as: world.alice)
            try await busy.declare()
            let query = Task { await busy.sqlState("SELECT count(*) FROM users, pg_sleep(120)") }
            #expect(
                try await eventually {
                    try await world.owner.number(
                        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(busy.backendPID) AND wait_event = 'PgSleep'"
                    )
                        == 1
                })
            // One that sits on the company's trail must not put off its own end.
            try await inTransaction.query("BEGIN")
            try await inTransaction.declare()
            let bob = try await world.connect(world.bob)
            let row = try await bob.query("SELECT * FROM piste.suspend_company('acme')")[0]
            #expect(try row.isNull("refusal"))
            #expect(try row.string("status") == "suspended")
            #expect(try row.int("contexts_ended") == 3)
            #expect(await query.value == "57P01")
            for connection in [idle, busy, inTransaction] {
                #expect(try await !world.backendLives(connection.backendPID))
                #expect(await connection.sqlState("SELECT 1") == "57P01")
            }
            for login in [world.carol, world.shop] { #expect(try await world.memberships(login) == 0) }
            try await elsewhere.declare()
            #expect(try await elsewhere.count("users") == EngineWorld.users)
            #expect(try await world.lastRecord("company.suspend", in: world.acme).contains("3"))
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE action = 'context.end'")
                    == 3)
            await bob.close()
            await elsewhere.close()
        }
    }

    @Test func keepsTokensDeadAfterItIsResumed() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let unopened = try await alice.token("acme").text
            let (opened, _) = try await world.inside("acme", as: world.carol)
            let carol = try await world.connect(world.carol)
            let second = try await carol.token("acme").text
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("suspend_company('acme')") == nil)
            #expect(try await alice.enter(unopened) == "company_suspended")
            #expect(try await alice.refusal("generate_context_token('acme')") == "company_suspended")
            #expect(try await alice.refusal("impersonate_company('acme', 'why')") == "company_suspended")
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            #expect(try await alice.enter(unopened) == "token_ended")
            #expect(try await carol.enter(second) == "token_ended")
            #expect(try await !world.backendLives(opened.backendPID))
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            // Both are idempotent, and neither is for anybody else.
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            for call in [
                "suspend_company('acme')", "resume_company('acme')", "rename_company('acme', 'Mine')",
            ] {
                #expect(try await alice.refusal(call) == "not_allowed", "\(call)")
                let unknown = call.split(separator: "acme").joined(separator: "nobody")
                #expect(try await bob.refusal(unknown) == "unknown_company", "\(call)")
            }
            #expect(try await bob.value("SELECT status FROM piste.company('acme')") == "active")
            await alice.close()
            await carol.close()
            await bob.close()
        }
    }

    @Test func aNewNameChangesNothingElse() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let bob = try await world.connect(world.bob)
            let row = try await bob.query("SELECT * FROM piste.rename_company('acme', 'Acme & Söhne')")[0]
            #expect(try row.string("old_name") == "Acme")
            let record = try await world.lastRecord("company.rename", in: world.acme)
            #expect(record.contains("\"old\": \"Acme\"") && record.contains("\"new\": \"Acme & Söhne\""))
            #expect(await bob.sqlState("SELECT piste.rename_company('acme', ' ')") == "PT400")
            #expect(await bob.sqlState("SELECT piste.rename_company('acme', repeat('a', 301))") == "PT400")
            #expect(await bob.sqlState("SELECT piste.rename_company('acme', NULL)") == "PT400")
            #expect(try await bob.value("SELECT name FROM piste.company('acme')") == "Acme & Söhne")
            #expect(try await world.home("acme") == world.acme)
            try await alice.declare()
            #expect(try await alice.count("users") == EngineWorld.users)
            #expect(try await alice.value("SELECT company_name FROM piste.whoami()") == "Acme & Söhne")
            await alice.close()
            await bob.close()
        }
    }
}
