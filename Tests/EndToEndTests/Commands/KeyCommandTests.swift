import Foundation
import Postgres
import TestSupport
import Testing

/// `piste key`: another key for a company, from the command line.
struct KeyCommandTests {
    @Test func rotatesAndLists() async throws {
        try await ConsoleWorld.run { world in
            let token = try await world.piste("token", "issue", "awesome", as: world.alice).lines[0]
            let unopened = try await world.piste("token", "issue", "awesome", as: world.carol).lines[0]
            let inside = try await world.database.connect(as: world.alice)
            try await inside.query("SELECT * FROM piste.enter($1)", [.text(token)])
            let first = try await world.piste("key", "list", "awesome", "--format", "json").objects()
            #expect(first.count == 1 && first[0]["retired_at"] is NSNull, "\(first)")

            let rotated = try await world.piste("key", "rotate", "awesome", "--yes", "--format", "json")
            #expect(rotated.status == 0, "\(rotated)")
            let rotation = try rotated.object()
            #expect(rotation["retired_kid"] as? String == first[0]["kid"] as? String)
            #expect(rotation["contexts_ended"] as? Int == 1)
            #expect(rotation["tokens_ended"] as? Int == 1)
            await #expect(throws: PostgresError.self) { try await inside.query("SELECT 1") }
            #expect(try await world.records("key.rotate") == 1)

            let listed = try await world.piste("key", "list", "awesome", "--format", "csv")
            #expect(listed.lines[0] == "kid,algorithm,created_at,created_by,retired_at,retired_by")
            #expect(listed.lines.count == 3)
            #expect(listed.lines[1].hasPrefix("\(rotation["kid"] as? String ?? "-"),HS256,"))
            #expect(listed.lines[2].hasSuffix(",\(world.bob)"))
            let secret = try #require(
                try await world.value(
                    "SELECT encode(secret, 'hex') FROM piste.signing_key WHERE secret IS NOT NULL"))
            let table = try await world.piste("key", "list", "awesome")
            for outcome in [listed, table, rotated] { #expect(!"\(outcome)".contains(secret)) }

            let carol = try await world.database.connect(as: world.carol)
            let refusal = try await carol.query(
                "SELECT refusal FROM piste.enter($1)", [.text(unopened)])[0].string(0)
            #expect(refusal.hasPrefix("token_old_key:"))
            await carol.close()
            #expect(try await world.piste("users", "awesome", "--limit", "1", as: world.alice).status == 0)
            #expect(try await world.piste("audit", "verify", "awesome").status == 0)
        }
    }

    @Test func asksBeforeItDoes() async throws {
        try await ConsoleWorld.run { world in
            let before = try await world.value(
                "SELECT string_agg(kid, ' ' ORDER BY kid) FROM piste.signing_key")
            let unasked = try await world.piste("key", "rotate", "awesome")
            #expect(unasked.status == 2, "\(unasked)")
            #expect(unasked.output == "" && unasked.narration.contains("--yes"))
            let no = try Tmux(
                ["key", "rotate", "awesome"], environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
            try await no.wait(for: "Type yes:", seconds: 60)
            try no.type("y")
            try no.press("Enter")
            try await no.wait(for: "[exit 2]", seconds: 60)
            #expect(
                try await world.value("SELECT string_agg(kid, ' ' ORDER BY kid) FROM piste.signing_key")
                    == before)
            let yes = try Tmux(
                ["key", "rotate", "awesome"], environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
            try await yes.wait(for: "thrown out", "Type yes:", seconds: 60)
            try yes.type("yes")
            try yes.press("Enter")
            try await yes.wait(for: "Rotated", "[exit 0]", seconds: 60)
            #expect(try await world.records("key.rotate") == 1)
        }
    }

    @Test func saysWhyNot() async throws {
        try await ConsoleWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                for arguments in [["key", "rotate", "blau", "--yes"], ["key", "list", "blau"]] {
                    let refused = try await Piste.run(
                        arguments, environment: ["PISTE_DATABASE_URL": world.url(login)])
                    #expect(refused.status == 3, "\(arguments): \(refused)")
                    #expect(refused.output == "")
                    #expect(refused.narration.contains("not_allowed"))
                }
            }
            #expect(try await world.records("company.refused", in: "blau") == 6)
            for arguments in [["key", "rotate", "nowhere", "--yes"], ["key", "list", "nowhere"]] {
                let unknown = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
                #expect(unknown.status == 1, "\(unknown)")
                #expect(unknown.narration.contains("piste company list"))
                let away = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
                #expect(away.status == 4, "\(away)")
            }
            #expect(try await world.piste("key", "rotate").status == 2)
            #expect(try await world.piste("key", "rotate", "blau", "--yes").status == 0)
        }
    }
}
