import Foundation
import Postgres
import TestSupport
import Testing

/// `piste company policy`, `requests`, `approve`, `deny` and `impersonate --wait`.
struct RequestCommandTests {
    @Test func setsAndTellsTheWholePolicy() async throws {
        try await ConsoleWorld.run { world in
            let plain = try await world.piste("company", "policy", "awesome", as: world.carol)
            #expect(plain.status == 0, "\(plain)")
            for part in ["impersonation   allowed", "max minutes     30", "optional", "read-write"] {
                #expect(plain.output.contains(part), "\(part) in \(plain.output)")
            }
            let set = try await world.piste(
                "company", "policy", "awesome", "--impersonation", "approval", "--max-minutes", "10",
                "--ticket",
                "required", "--ticket-pattern", "SUP-[0-9]+", "--rights", "read-only", "--format", "json")
            #expect(set.status == 0, "\(set)")
            let object = try set.object()
            #expect(object["impersonation"] as? String == "approval")
            #expect(object["max_minutes"] as? Int == 10)
            #expect(object["ticket"] as? String == "required")
            #expect(object["ticket_pattern"] as? String == "SUP-[0-9]+")
            #expect(object["rights"] as? String == "read-only")
            let csv = try await world.piste("company", "policy", "awesome", "--format", "csv")
            #expect(csv.lines.last == "approval,10,required,SUP-[0-9]+,read-only")
            let loose = try await world.piste("company", "policy", "awesome", "--ticket-pattern", "")
            #expect(loose.status == 0 && !loose.output.contains("SUP"))
            for (arguments, login, status, words) in [
                (["--ticket-pattern", "["], world.bob, 2, "pattern cannot be this"),
                (["--ticket-pattern", #"(a)\1"#], world.bob, 2, "refer back"),
                (["--max-minutes", "31"], world.bob, 2, "from 1 to 30"),
                (["--rights", "all"], world.bob, 2, "all"), (["--ticket", "maybe"], world.bob, 2, "maybe"),
                (["--impersonation", "allowed"], world.alice, 3, "for admins"),
            ] as [([String], String, Int32, String)] {
                let wrong = try await Piste.run(
                    ["company", "policy", "awesome"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(login)])
                #expect(wrong.status == status, "\(arguments): \(wrong)")
                #expect(wrong.narration.contains(words), "\(arguments): \(wrong)")
            }
            #expect(try await world.records("company.policy") == 2)
        }
    }

    @Test func endsWhatANewPolicyForbids() async throws {
        try await ConsoleWorld.run { world in
            let printed = try await world.piste(
                "impersonate", "awesome", "--reason", "why", "--print-token", as: world.alice)
            let alice = try await world.database.connect(as: world.alice)
            try await alice.query("SELECT piste.enter($1)", [.text(printed.lines[0])])
            let set = try await world.piste("company", "policy", "awesome", "--rights", "read-only")
            #expect(set.narration == "1 impersonation has ended.\n", "\(set)")
            let contexts = try await world.piste("contexts", "--all", as: world.alice)
            #expect(contexts.output.contains("the policy changed: this company allows reading only"))
            await alice.close()
        }
    }

    @Test func asksAnotherOperator() async throws {
        try await ConsoleWorld.run { world in
            let ask = [
                "impersonate", "awesome", "--reason", "cannot log in", "--ticket", "SUP-1", "--print-token",
            ]
            let environment = ["PISTE_DATABASE_URL": world.url(world.alice)]
            _ = try await world.piste("company", "policy", "awesome", "--impersonation", "approval")
            let asked = try await Piste.run(ask, environment: environment)
            #expect(asked.status == 3, "\(asked)")
            #expect(asked.output == "")
            #expect(asked.narration.contains("a second operator must approve this"))
            #expect(asked.narration.contains("--wait"))

            let listed = try await world.piste("requests", "--format", "json").objects()
            let id = try #require(listed.first?["id"] as? String)
            #expect(listed.count == 1)
            #expect(asked.narration.contains(id))
            #expect(listed.first?["operator"] as? String == world.alice)
            #expect(listed.first?["reason"] as? String == "cannot log in")
            #expect(listed.first?["may_decide"] as? Bool == true)
            let table = try await world.piste("requests")
            #expect(table.output.contains("waits for you, "))
            #expect(try await world.piste("requests", "--format", "json", as: world.carol).output == "[]\n")
            for (arguments, login, status, words) in [
                (["approve", id, "--reason", "mine"], world.alice, 3, "own"),
                (["approve", id, "--reason", "mine"], world.carol, 3, "support and admins"),
                (["approve", id], world.bob, 2, "--reason"),
                (["deny", id, "--reason", " "], world.bob, 2, "--reason"),
                (["approve", "rubbish", "--reason", "x"], world.bob, 2, "no request's id"),
                (
                    ["deny", "00000000-0000-4000-8000-000000000000", "--reason", "x"], world.bob, 1,
                    "no such request"
                ),
            ] as [([String], String, Int32, String)] {
                let wrong = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": world.url(login)])
                #expect(wrong.status == status, "\(arguments): \(wrong)")
                #expect(wrong.narration.contains(words), "\(arguments): \(wrong)")
            }
            let approved = try await world.piste("approve", id, "--reason", "known customer")
            #expect(approved.status == 0, "\(approved)")
            #expect(try await world.piste("deny", id, "--reason", "late").status == 3)
            #expect(try await world.piste("requests").output.contains("approved by \(world.bob)"))

            // The same once more gets what was approved, once.
            let token = try await Piste.run(ask, environment: environment)
            #expect(token.status == 0, "\(token)")
            #expect(token.lines.count == 1)
            let alice = try await world.database.connect(as: world.alice)
            let entered = try await alice.query(
                "SELECT refusal FROM piste.enter($1)", [.text(token.lines[0])])
            #expect(try entered[0].isNull(0))
            await alice.close()
            #expect(try await world.piste("requests", "--format", "json").output == "[]\n")
            #expect(
                try await world.piste("requests", "--all").output.contains(
                    "approved by \(world.bob), claimed"))
            #expect(try await Piste.run(ask, environment: environment).status == 3, "it asks anew")
            #expect(try await world.records("impersonation.request") == 2)
        }
    }

    @Test func waitsForTheDecision() async throws {
        try await ConsoleWorld.run { world in
            _ = try await world.piste("company", "policy", "awesome", "--impersonation", "approval")
            func waiting(_ reason: String) -> Task<Piste.Outcome, any Error> {
                let environment = ["PISTE_DATABASE_URL": world.url(world.alice)]
                return Task {
                    try await Piste.run(
                        ["impersonate", "awesome", "--reason", reason, "--print-token", "--wait"],
                        environment: environment, deadline: .seconds(150))
                }
            }
            func request(_ reason: String) async throws -> String {
                let sql = "SELECT id FROM piste.request WHERE reason = '\(reason)'"
                _ = try await eventually { try await world.value(sql) != nil }
                return try #require(await world.value(sql))
            }
            let granted = waiting("granted")
            let first = try await request("granted")
            #expect(try await world.piste("approve", first, "--reason", "fine").status == 0)
            let token = try await granted.value
            #expect(token.status == 0, "\(token)")
            #expect(token.lines.count == 1 && token.lines[0].split(separator: ".").count == 3)
            #expect(token.narration.contains("waiting for approval of request \(first)"))

            let denied = waiting("denied")
            #expect(
                try await world.piste("deny", request("denied"), "--reason", "not \u{1B}[2J today").status
                    == 0)
            let refused = try await denied.value
            #expect(refused.status == 3, "\(refused)")
            #expect(refused.output == "")
            #expect(refused.narration.contains("denied by \(world.bob): not ␛[2J today"), "\(refused)")

            let late = waiting("late")
            let third = try await request("late")
            try await world.owner.query(
                "UPDATE piste.request SET expires_at = clock_timestamp() WHERE id = $1::uuid", [.text(third)])
            let expired = try await late.value
            #expect(expired.status == 3, "\(expired)")
            #expect(expired.narration.contains("nobody decided in time"))

            // Where nobody has to approve, there is nothing to wait for.
            _ = try await world.piste("company", "policy", "awesome", "--impersonation", "allowed")
            #expect(try await waiting("at once").value.status == 0)
            _ = try await world.piste("company", "policy", "awesome", "--impersonation", "denied")
            #expect(try await waiting("never").value.status == 3)
        }
    }
}
