import Postgres
import Tenancy
import TestSupport
import Testing

/// What a company's policy says, PostgreSQL does.
struct PolicyEngineTests {
    @Test func changesWhatIsNamedAndRecordsOldAndNew() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let set =
                "SELECT * FROM piste.set_company_policy('acme', max_minutes => 10, ticket_pattern => 'SUP-[0-9]+')"
            let row = try await bob.query(set)[0]
            #expect(try row.string("was").contains("\"max_minutes\": 30"))
            #expect(try row.string("policy").contains("\"max_minutes\": 10"))
            let record = try await world.lastRecord("company.policy", in: world.acme)
            #expect(record.contains(#""old": {"max_minutes": 30, "ticket_pattern": null}"#), "\(record)")
            #expect(record.contains(#""new": {"max_minutes": 10, "ticket_pattern": "SUP-[0-9]+"}"#))
            // The same once more changes nothing, and so leaves no record.
            try await bob.query(set)
            #expect(try await world.records("company.policy", in: world.acme) == 1)
            let told = try await bob.query(
                "SELECT impersonation, max_minutes, ticket_required, ticket_pattern, rights FROM piste.company('acme')"
            )[0]
            #expect(try told.string(0) == "allowed")
            #expect(try told.int(1) == 10)
            #expect(try told.bool(2) == false)
            #expect(try told.string(3) == "SUP-[0-9]+")
            #expect(try told.string(4) == "read+write")
            try await bob.query("SELECT * FROM piste.set_company_policy('acme', ticket_pattern => '')")
            #expect(
                try await bob.number(
                    "SELECT count(*) FROM piste.companies() WHERE url_id = 'acme' AND ticket_pattern IS NULL")
                    == 1)
            #expect(try await bob.value("SELECT max_minutes FROM piste.company('globex')") == "30")
            await bob.close()
        }
    }

    @Test func refusesRubbishWithTheReason() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            for (arguments, state) in [
                ("'acme'", "PT400"), ("'acme', 'perhaps'", "PT400"), ("'acme', ''", "PT400"),
                ("'acme', NULL, 0", "PT400"), ("'acme', NULL, 31", "PT400"), ("'acme', NULL, -5", "PT400"),
                ("'acme', rights => 'write'", "PT400"), ("NULL, 'denied'", "PT400"),
                ("'acme', ticket_pattern => repeat('x', 201)", "PT413"),
            ] {
                #expect(
                    await bob.sqlState("SELECT * FROM piste.set_company_policy(\(arguments))") == state,
                    "\(arguments)")
            }
            #expect(try await bob.refusal("set_company_policy('nowhere', 'denied')") == "unknown_company")
            #expect(try await world.records("company.policy", in: world.acme) == 0)
            #expect(
                try await bob.refusal("set_company_policy('acme', 'denied', 20, true, 'T-.*', 'read-only')")
                    == nil)
            await bob.close()
        }
    }

    @Test func takesOnlyPatternsThatCannotTakeLong() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let set = "SELECT * FROM piste.set_company_policy('acme', ticket_pattern => $1)"
            for pattern in [
                "[", "(", "a)|(b", "*", "a**", "***:a", "***=a", "(?i)a", "(?=a)a", "(?!a)b", "(?<=a)b",
                #"(a)\1"#,
                #"\"#, #"[\1]"#, "x{2,1}", "x{1,1000}", "((x{1,20}){1,20}){1,20}", "a\nb", "a\u{1B}b",
            ] {
                do throws(PostgresError) {
                    try await bob.query(set, [.text(pattern)])
                    Issue.record("\(pattern) was taken")
                } catch {
                    #expect(error.sqlState == "PT400", "\(pattern): \(error)")
                    #expect(error.message.contains("pattern cannot be this: "), "\(pattern)")
                }
            }
            for (pattern, fitting, unfit) in [
                ("SUP-[0-9]+", "SUP-812", "xSUP-812"), ("SUP-[0-9]+", "SUP-1", "SUP-1x"), ("a|b", "b", "ab"),
                (#"\(?[A-Z]{2,5}-\d{1,6}\)?"#, "(AB-1)", "A-1"), (#"\\1"#, #"\1"#, "11"),
                ("(?:a|b)+", "abab", "abc"),
                ("SUP-[0-9]+", "SUP-9", "SUP-9\n"), ("^x$", "x", "x "),
            ] {
                #expect(await bob.sqlState(set, [.text(pattern)]) == nil, "\(pattern)")
                let ask = "impersonate_company('acme', 'why', $1)"
                let alice = try await world.connect(world.alice)
                #expect(try await alice.refusal(ask, [.text(fitting)]) == nil, "\(pattern) \(fitting)")
                #expect(
                    try await alice.refusal(ask, [.text(unfit)]) == "ticket_malformed", "\(pattern) \(unfit)")
                #expect(try await alice.refusal(ask, [.null]) == nil, "no ticket is required")
                await alice.close()
            }
            await bob.close()
        }
    }

    @Test func holdsEachPartWhenAnImpersonationIsAskedFor() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            try await world.policy("'allowed', 10, true")
            #expect(try await alice.refusal("impersonate_company('acme', 'why')") == "ticket_required")
            #expect(try await alice.refusal("impersonate_company('acme', 'why', ' ')") == "ticket_required")
            #expect(
                try await alice.refusal("impersonate_company('acme', 'why', 'T', NULL, 11)")
                    == "too_many_minutes")
            let row = try await alice.query("SELECT * FROM piste.impersonate_company('acme', 'why', 'T')")[0]
            #expect(try row.isNull("refusal"))
            #expect(
                try await world.owner.number(
                    "SELECT extract(epoch FROM expires_at - issued_at)::int FROM piste.context") == 600,
                "without minutes it is what the company allows")
            #expect(try await alice.refusal("impersonate_company('globex', 'why', NULL, NULL, 30)") == nil)
            try await world.policy("'denied'")
            #expect(
                try await alice.refusal("impersonate_company('acme', 'why', 'T')") == "impersonation_denied")
            #expect(try await world.records("impersonation.refused", in: world.acme) == 4)
            await alice.close()
        }
    }

    @Test func readOnlyImpersonationsChangeNothing() async throws {
        try await EngineWorld.underAttack { world in
            try await world.policy("rights => 'read-only'")
            let (alice, jti) = try await world.inImpersonation("acme", as: world.alice)
            #expect(try await alice.value("SELECT access FROM piste.whoami()") == "read")
            #expect(try await alice.value("SELECT current_user") == "\(world.acme)_reader")
            try await alice.declare("users,journeys")
            for sql in [
                "UPDATE users SET status = 'suspended' WHERE id = 1", "UPDATE journeys SET status = 'done'",
                "SET ROLE \(world.acme)_agent", "DELETE FROM users",
            ] {
                #expect(await alice.sqlState(sql) == "42501", "\(sql)")
            }
            try await world.expectReading(alice)
            let issued = try await world.lastRecord("impersonation.issue", in: world.acme)
            #expect(issued.contains(#""rights": "read""#) && issued.contains(jti))
            // Beside a plain context of the same role, the end of one leaves the other.
            let (plain, _) = try await world.inside("acme", as: world.alice)
            try await alice.query("SELECT piste.leave()")
            try await world.expectReading(plain)
            try await plain.query("SELECT piste.leave()")
            #expect(try await world.memberships(world.alice) == 0)
            await plain.close()
            await alice.close()
        }
    }

    @Test(
        arguments: [
            ("'denied'", "impersonation_denied"), ("'approval'", "approval_required"),
            ("max_minutes => 5", "too_many_minutes"), ("ticket_required => true", "ticket_required"),
            ("rights => 'read-only'", "read_only"),
        ])
    func aTighterPolicyEndsWhatItForbids(_ change: String, _ code: String) async throws {
        try await EngineWorld.run { world in
            let (agent, jti) = try await world.inImpersonation("acme", as: world.alice)
            let (elsewhere, _) = try await world.inImpersonation("globex", as: world.alice)
            let (reader, _) = try await world.inside("acme", as: world.alice)
            let waiting = try await reader.value(
                "SELECT token FROM piste.impersonate_company('acme', 'later')")
            let row = try await world.owner.query(
                "SELECT * FROM piste.set_company_policy('acme', \(change))")[0]
            #expect(try row.int("contexts_ended") == 1)
            #expect(try await world.backendEnds(agent.backendPID))
            let end = try await world.lastRecord("context.end", in: world.acme)
            #expect(end.contains("the policy changed: "), "\(end)")
            let ended = try await world.owner.value(
                "SELECT end_reason FROM piste.context WHERE jti = $1::uuid", [.text(jti)])
            #expect(ended.hasPrefix("the policy changed: "))
            #expect(try await reader.enter(waiting) == "token_ended")
            try await world.expectReading(elsewhere)
            await reader.close()
            // A token that was issued meanwhile, by somebody who saw the old policy, opens nothing either.
            try await world.owner.query(
                "UPDATE piste.context SET ended_at = NULL, end_reason = NULL, expires_at = issued_at + interval '15 min'"
            )
            let late = try await world.connect(world.alice)
            #expect(try await late.enter(waiting) == code)
            #expect(try await world.records("context.refused", in: world.acme) == 2)
            await late.close()
            await elsewhere.close()
        }
    }

    @Test func aLooserPolicyEndsNothing() async throws {
        try await EngineWorld.run { world in
            try await world.policy("'allowed', 20, true, 'T-[0-9]+', 'read-only'")
            let alice = try await world.connect(world.alice)
            let token = try await alice.value(
                "SELECT token FROM piste.impersonate_company('acme', 'why', 'T-1')")
            #expect(try await alice.enter(token) == nil)
            let row = try await world.owner.query(
                "SELECT * FROM piste.set_company_policy('acme', 'allowed', 30, false, '', 'read+write')")[0]
            #expect(try row.int("contexts_ended") == 0)
            #expect(
                try await alice.value("SELECT access FROM piste.whoami()") == "read",
                "what it was opened with")
            try await world.expectReading(alice)
            await alice.close()
        }
    }
}
