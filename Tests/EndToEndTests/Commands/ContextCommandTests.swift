import Foundation
import Postgres
import TestSupport
import Testing

/// `piste token`, `impersonate`, `contexts`, `end`, `sweep`: contexts from the command line.
struct ContextCommandTests {
    @Test func issuesATokenThatOpensAContext() async throws {
        try await ConsoleWorld.run { world in
            let issued = try await world.piste("token", "issue", "awesome", "--minutes", "7", as: world.carol)
            #expect(issued.status == 0, "\(issued)")
            #expect(issued.lines.count == 1, "the token alone")
            #expect(issued.narration.hasPrefix("jti "))
            let carol = try await world.database.connect(as: world.carol)
            let entered = try await carol.query(
                "SELECT refusal, url_id FROM piste.enter($1)", [.text(issued.lines[0])])[0]
            #expect(try entered.isNull(0))
            #expect(try entered.string(1) == "awesome")
            await carol.close()

            let csv = try await world.piste("token", "issue", "awesome", "--format", "csv", as: world.carol)
            #expect(csv.lines[0] == "token,jti,expires_at")
            for (arguments, status, words) in [
                (["awesome", "--minutes", "31"], 2, "from 1 to 30"),
                (["awesome", "--minutes", "0"], 2, "from 1 to 30"),
                (["awesome", "--minutes", "soon"], 2, "soon"), (["nowhere"], 1, "no company of this name"),
            ] as [([String], Int32, String)] {
                let wrong = try await Piste.run(
                    ["token", "issue"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(world.carol)])
                #expect(wrong.status == status, "\(arguments): \(wrong)")
                #expect(wrong.narration.contains(words), "\(arguments): \(wrong)")
                #expect(wrong.output == "")
            }
        }
    }

    @Test func inspectsATokenByAskingWhoSignedIt() async throws {
        try await ConsoleWorld.run { world in
            let issued = try await world.piste(
                "token", "issue", "awesome", "--format", "json", as: world.alice
            ).object()
            let token = try #require(issued["token"] as? String)
            let jti = try #require(issued["jti"] as? String)
            let inspected = try await world.piste(
                "token", "inspect", "-", "--format", "json", as: world.alice, input: token + "\n")
            #expect(inspected.status == 0, "\(inspected)")
            let object = try inspected.object()
            #expect(object["jti"] as? String == jti)
            #expect(object["company"] as? String == "awesome")
            #expect(object["verified"] as? Bool == true && object["good"] as? Bool == true)
            #expect(object["operator"] as? String == world.alice && object["purpose"] as? String == "access")
            #expect((object["claims"] as? [String: Any])?["sub"] as? String == world.alice)
            #expect((object["database_says"] as? String)?.hasPrefix("issued, ") == true)
            // Whoever may not know is told so, and a token that somebody made up is no token of this engine.
            for (text, login, code) in [
                (token, world.carol, "token_foreign"), (token + "x", world.alice, "token_tampered"),
            ] {
                let other = try await world.piste(
                    "token", "inspect", "-", "--format", "json", as: login, input: text + "\n")
                let told = try other.object()
                #expect(told["verified"] as? Bool == false && told["good"] as? Bool == false, "\(other)")
                #expect(told["code"] as? String == code && told["operator"] is NSNull, "\(other)")
            }
            let table = try await world.piste("token", "inspect", token + "x", as: world.alice)
            #expect(table.narration.contains("Nothing of this is verified"))

            let away = try await Piste.run(
                ["token", "inspect", token], environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
            #expect(away.status == 0, "a token can be read without its database: \(away)")
            #expect(away.narration.contains("The database was not asked"))
            #expect(away.narration.contains("Nothing of this is verified"))
            for text in ["", "a.b", "a.b.c", "e30.e30", "\u{1B}[2J.\u{1B}.x"] {
                let wrong = try await world.piste("token", "inspect", "-", input: text + "\n")
                #expect(wrong.status == 1, "\(text.debugDescription): \(wrong)")
                #expect(wrong.narration.contains("three parts"))
                #expect(!wrong.narration.contains("\u{1B}"))
            }

            let revoked = try await world.piste("token", "revoke", jti, as: world.alice)
            #expect(revoked.status == 0, "\(revoked)")
            #expect(revoked.output == "")
            let alice = try await world.database.connect(as: world.alice)
            let refusal = try await alice.query("SELECT refusal FROM piste.enter($1)", [.text(token)])[0]
                .string(0)
            #expect(refusal.hasPrefix("token_ended: "))
            #expect(refusal.contains("revoked"))
            await alice.close()
            let dead = try await world.piste("token", "inspect", token, as: world.alice)
            #expect(dead.output.contains("ended "))
        }
    }

    @Test func impersonatesForAReason() async throws {
        try await ConsoleWorld.run { world in
            let printed = try await world.piste(
                "impersonate", "awesome", "--reason", "cannot log in", "--ticket", "SUP-1", "--user",
                "ada@awesome.example", "--minutes", "5", "--print-token", as: world.alice)
            #expect(printed.status == 0, "\(printed)")
            #expect(printed.lines.count == 1)
            let alice = try await world.database.connect(as: world.alice)
            let row = try await alice.query(
                "SELECT purpose, subject, access FROM piste.enter($1)", [.text(printed.lines[0])])[0]
            #expect(try row.string(0) == "impersonation")
            #expect(try row.string(1) == "ada@awesome.example")
            #expect(try row.string(2) == "read+write")

            // The agent sees the reason in the list; another agent sees nothing; an admin sees everybody.
            let mine = try await world.piste("contexts", "--format", "json", as: world.alice).objects()
            #expect(mine.count == 1)
            #expect(mine.first?["reason"] as? String == "cannot log in")
            #expect(mine.first?["live"] as? Bool == true)
            #expect(try await world.piste("contexts", "--format", "json", as: world.carol).output == "[]\n")
            let all = try await world.piste("contexts", as: world.bob)
            #expect(all.output.contains("SUP-1"))
            #expect(all.output.contains("live, "))
            await alice.close()

            for (arguments, login, status, words) in [
                (["--reason", " \n"], world.alice, 3, "write down why"),
                (["--reason", "x", "--user", "no address"], world.alice, 2, "e-mail address"),
                (["--reason", "x"], world.carol, 3, "only support and admins"),
                (["--reason", "x"], world.shop, 3, "only support and admins"),
                ([], world.alice, 2, "--reason"),
            ] as [([String], String, Int32, String)] {
                let wrong = try await Piste.run(
                    ["impersonate", "awesome", "--print-token"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(login)])
                #expect(wrong.status == status, "\(arguments): \(wrong)")
                #expect(wrong.narration.contains(words), "\(arguments): \(wrong)")
            }
            let screenless = try await world.piste(
                "impersonate", "awesome", "--reason", "x", as: world.alice)
            #expect(screenless.status == 2)
            #expect(screenless.narration.contains("--print-token"))
        }
    }

    @Test func endsAContext() async throws {
        try await ConsoleWorld.run { world in
            let issued = try await world.piste(
                "token", "issue", "awesome", "--format", "json", as: world.alice
            ).object()
            let jti = try #require(issued["jti"] as? String)
            let alice = try await world.database.connect(as: world.alice)
            try await alice.query(
                "SELECT * FROM piste.enter($1)", [.text(try #require(issued["token"] as? String))])

            let foreign = try await world.piste("end", jti, as: world.carol)
            #expect(foreign.status == 1, "somebody else's context is no context: \(foreign)")
            #expect(foreign.narration.contains("no such context of yours"))
            #expect(try await alice.query("SELECT 1").count == 1)
            let malformed = try await world.piste("end", "not-an-id")
            #expect(malformed.status == 2, "\(malformed)")
            #expect(malformed.narration.contains("not-an-id"))

            let ended = try await world.piste("end", jti, "--why", "wrong, customer\u{202E}")
            #expect(ended.status == 0, "\(ended)")
            #expect(ended.output == "")
            await #expect(throws: PostgresError.self) { try await alice.query("SELECT 1") }
            #expect(try await world.piste("end", jti).status == 0, "ending twice changes nothing")

            #expect(try await world.piste("contexts", "--format", "json").output == "[]\n")
            let past = try await world.piste("contexts", "--all", "--format", "json").objects()
            #expect(past.first?["end_reason"] as? String == "wrong, customer\u{202E}")
            let table = try await world.piste("contexts", "--all")
            #expect(!table.output.contains("\u{202E}"))
        }
    }

    @Test func sweepsWhatIsOver() async throws {
        try await ConsoleWorld.run { world in
            let nothing = try await world.piste("sweep", "--format", "json", as: world.shop)
            #expect(nothing.status == 0)
            #expect(nothing.output == "[]\n")
            let token = try await world.piste("token", "issue", "awesome", as: world.alice).lines[0]
            let alice = try await world.database.connect(as: world.alice)
            try await alice.query("SELECT * FROM piste.enter($1)", [.text(token)])
            try await world.owner.query(
                "UPDATE piste.context SET expires_at = clock_timestamp() - interval '1 second'")
            // A viewer ends nothing of anybody's.
            let refused = try await world.piste("sweep", as: world.carol)
            #expect(refused.status == 3)
            let swept = try await world.piste("sweep", "--format", "json", as: world.bob).objects()
            #expect(swept.count == 1)
            #expect(swept.first?["did"] as? String == "expired")
            #expect(swept.first?["company"] as? String == "awesome")
            #expect(swept.first?["operator"] as? String == world.alice)
            await #expect(throws: PostgresError.self) { try await alice.query("SELECT 1") }
            for arguments in [["--watch", "--format", "json"], ["--watch", "--every", "0"]] {
                let wrong = try await Piste.run(
                    ["sweep"] + arguments, environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
                #expect(wrong.status == 2, "\(arguments): \(wrong)")
            }
        }
    }
}
