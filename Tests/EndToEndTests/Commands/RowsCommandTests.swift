import Foundation
import Postgres
import TestSupport
import Testing

/// `piste users` and `piste journeys`: rows behind the gate, in each form.
struct RowsCommandTests {
    private static let hostile = [
        "Comma, \"Quote\" and 'more'", "Two\nlines\r\nand a half", "\u{1B}]0;owned\u{7}\u{1B}[31mRed",
        "Bidi \u{202E}desrever\u{202C} \u{2066}isolated", "\u{9B}2J C1 \u{85} and \u{7F}", " spaces around ",
        "=cmd|' /C calc'!A0", "Zero\u{200B}width\u{FEFF} e\u{301} 👩‍👩‍👧", "back\\slash \\u001b", "\t tab",
    ]

    private func add(_ names: [String], to world: ConsoleWorld) async throws {
        let home = try await world.home()
        for (number, name) in names.enumerated() {
            try await world.owner.query(
                "INSERT INTO \(home).users (id, email, name) VALUES ($1, $2, $3)",
                [.int(Int64(9_000 + number)), .text("h\(number)@hostile.example"), .text(name)])
        }
    }

    @Test func hostileNamesRoundTripInDataAndAreHarmlessInTables() async throws {
        try await ConsoleWorld.run { world in
            try await add(Self.hostile, to: world)
            let arguments = ["users", "awesome", "--filter", "@hostile.example", "--limit", "100"]
            func run(_ format: String) async throws -> Piste.Outcome {
                try await Piste.run(
                    arguments + ["--format", format],
                    environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
            }
            let json = try await run("json")
            #expect(json.status == 0, "\(json)")
            #expect(json.narration == "")
            let names = try json.objects().compactMap { $0["name"] as? String }
            #expect(Set(names) == Set(Self.hostile))
            #expect(!json.bytes.contains(0x1B))
            #expect(!json.output.unicodeScalars.contains("\u{202E}"))

            let csv = try await run("csv")
            #expect(csv.status == 0)
            #expect(CommaSeparated.rows(csv.output).allSatisfy { $0.count == 8 })
            #expect(Set(CommaSeparated.column("name", of: csv.output)) == Set(Self.hostile))

            let table = try await run("table")
            #expect(table.status == 0)
            #expect(table.lines.count == Self.hostile.count + 1, "one line a row: \(table)")
            for scalar in ["\u{1B}", "\u{7}", "\r", "\u{7F}", "\u{85}", "\u{9B}", "\u{202E}", "\u{2066}"] {
                #expect(
                    !table.output.unicodeScalars.contains(Unicode.Scalar(scalar)!),
                    "\(scalar.debugDescription)")
            }
            #expect(!table.bytes.contains(0x1B))
            #expect(table.output.contains("␛"), "what is there is shown")
            #expect(try await world.records("users.read") >= 3)
        }
    }

    @Test func readsByLimitAndFilterAndLeaves() async throws {
        try await ConsoleWorld.run { world in
            let five = try await world.piste("users", "awesome", "--limit", "5", as: world.alice)
            #expect(five.status == 0, "\(five)")
            #expect(five.lines.count == 6)
            #expect(five.narration.contains("there are more than 5"))
            let all = try await world.piste(
                "users", "awesome", "--limit", "5000", "--format", "csv", as: world.shop)
            #expect(CommaSeparated.rows(all.output).count == 202)
            #expect(Set(CommaSeparated.column("id", of: all.output)).count == 201)
            let ada = try await world.piste(
                "users", "awesome", "--filter", "LOVELACE", "--format", "json", as: world.carol
            ).objects()
            #expect(ada.compactMap { $0["email"] as? String } == ["ada@awesome.example"])
            #expect(ada.first?["last_seen_at"] is String)
            let without = try await world.piste(
                "users", "awesome", "--filter", "!/^u\\d+@/", "--format", "json", as: world.carol
            ).objects()
            #expect(without.compactMap { $0["email"] as? String } == ["ada@awesome.example"])
            let bad = try await world.piste("users", "awesome", "--filter", "/[/", as: world.carol)
            #expect(bad.status == 2)
            #expect(bad.output == "")
            #expect(bad.narration.contains("the [ at 1 is not closed"))
            let nobody = try await world.piste(
                "users", "awesome", "--filter", "nobody%", "--format", "json", as: world.carol)
            #expect(nobody.output == "[]\n")

            // What was opened is closed again: no context, no membership, no backend.
            #expect(try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == "0")
            #expect(
                try await world.value(
                    "SELECT count(*) FROM pg_auth_members WHERE member = '\(world.alice)'::regrole") == "0")
            for (arguments, status) in [
                (["users", "nowhere"], 1), (["users", "awesome", "--limit", "0"], 2),
                (["users", "awesome", "--format", "xml"], 2), (["users"], 2),
                (["journeys", "awesome", "--status", "lost"], 2),
            ] as [([String], Int32)] {
                let wrong = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
                #expect(wrong.status == status, "\(arguments): \(wrong)")
                #expect(wrong.output == "", "\(arguments)")
                #expect(wrong.narration != "", "\(arguments)")
            }
        }
    }

    @Test func readsJourneysInEachForm() async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            try await world.owner.query(
                """
                INSERT INTO \(home).journeys (id, user_id, name, status)
                SELECT 100 + n, 2 + n, 'Renewal, ' || n || chr(27) || '[2J',
                    (ARRAY['running', 'done', 'cancelled'])[1 + n % 3]
                FROM generate_series(1, 30) AS n
                """)
            let stalled = try await world.piste(
                "journeys", "awesome", "--status", "stalled", "--format", "json", as: world.alice
            ).objects()
            #expect(stalled.count == 1)
            #expect(stalled.first?["user_name"] as? String == "Ada Lovelace")
            #expect(stalled.first?["current_step_name"] as? String == "invite team")
            #expect(stalled.first?["steps"] as? Int == 5)
            let csv = try await world.piste(
                "journeys", "awesome", "--filter", "renewal", "--format", "csv", as: world.alice)
            #expect(CommaSeparated.column("name", of: csv.output).contains("Renewal, 30\u{1B}[2J"))
            #expect(CommaSeparated.rows(csv.output).count == 31)
            let table = try await world.piste("journeys", "awesome", "--limit", "4", as: world.alice)
            #expect(table.lines.count == 5)
            #expect(!table.bytes.contains(0x1B))
            #expect(table.narration.contains("there are more than 4"))
            #expect(try await world.records("journeys.read") >= 3)
        }
    }

    /// Without a terminal, piste itself gives a plain table.
    @Test func isPlainWithoutATerminal() async throws {
        try await ConsoleWorld.run { world in
            for arguments in [[], ["console"]] {
                let outcome = try await Piste.run(
                    arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(world.alice), "TERM": "xterm-256color"])
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.lines.count == 4)
                #expect(outcome.output.contains("Awesome Corp"))
                #expect(outcome.output.contains("Evil ␛[2J"))
                #expect(!outcome.bytes.contains(0x1B))
            }
        }
    }

    @Test("--plain names every value, cuts nothing and draws nothing")
    func isListenedTo() async throws {
        try await ConsoleWorld.run { world in
            for arguments in [
                ["--plain"], ["company", "list", "--plain"], ["company", "list", "--format", "plain"],
            ] {
                let outcome = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.lines.filter { $0.hasPrefix("url id: ") }.count == 3)
                #expect(outcome.output.components(separatedBy: "\n\n").count == 3, "a blank line between two")
                #expect(outcome.lines.contains("name: Awesome Corp"))
                #expect(outcome.lines.allSatisfy { $0.contains(": ") })
                let signs = outcome.output.unicodeScalars.filter { (0x2500...0x259F).contains($0.value) }
                #expect(signs.isEmpty && !outcome.bytes.contains(0x1B))
            }
            let both = try await world.piste(
                "users", "awesome", "--plain", "--format", "csv", as: world.alice)
            #expect(both.status == 2)
        }
    }

    @Test(
        "On a narrow terminal ids stay whole, and what is left out is named")
    func identitiesAreNotCut() async throws {
        try await ConsoleWorld.run { world in
            let token = try await world.piste(
                "impersonate", "awesome", "--reason", "customer cannot finish the onboarding",
                "--print-token",
                as: world.alice
            )
            #expect(token.status == 0, "\(token)")
            let pty = try Pty(
                [Piste.path, "contexts", "--all"],
                environment: [
                    "PISTE_DATABASE_URL": world.url(world.bob), "TERM": "xterm", "LANG": "C.UTF-8",
                    "HOME": "/",
                ], rows: 24, columns: 80)
            var shown = ""
            for _ in 0..<600 where !shown.contains("no room for") {
                pty.read(for: 100)
                shown = String(decoding: pty.output, as: UTF8.self)
            }
            let jti = try #require(try await world.value("SELECT jti FROM piste.context LIMIT 1"))
            #expect(shown.contains(jti) && shown.contains("no room for"), "\(shown)")
            for line in shown.split(whereSeparator: \.isNewline) where line.contains(jti) {
                #expect(line.count <= 80)
            }
            for beginning in ["zzzz", "12", jti + "0"] {
                #expect(try await world.piste("end", beginning).status == 2, "\(beginning)")
            }
            let end = try await world.piste("end", String(jti.prefix(6)))
            #expect(end.status == 0, "\(end)")
            #expect(try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == "0")
        }
    }
}
