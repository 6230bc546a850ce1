import Foundation
import Postgres
import TestSupport
import Testing

/// Marks, copies and exports, with the built console on a real terminal.
@Suite(.serialized)
struct FindingTests {
    @Test func markedRowsReachTheClipboard() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try tmux.acceptClipboard()
            try await enter(tmux)
            try tmux.press("/")
            try tmux.type("person")
            try await tmux.wait(for: "1 of 50")
            try tmux.press("Tab", "Space", "Space")
            try await tmux.wait(for: "2 marked")
            try tmux.press("y", "Enter")
            try await tmux.wait(for: "Copied 2 marked rows")
            var copied = ""
            let isThere = try await eventually {
                copied = tmux.clipboard
                return copied.contains("\t")
            }
            #expect(isThere)
            let lines = copied.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.count >= 6 && $0[1].hasPrefix("Person ") })
            #expect(Set(lines.map { String($0[0]) }).count == 2)
            try tmux.press("Escape")
            try await tmux.waitUntilGone("2 marked")
        }
    }

    /// The palette finds a company that is named in part, then a user in it; `[` leads back to the screen before.
    @Test func thePaletteLeadsToACompanyAndToAUser() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.type(":company awes")
            try await tmux.wait(for: "company awesome", "Enter Awesome Corp")
            try tmux.press("Tab")
            try await tmux.wait(for: ":company awesome")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace")
            try tmux.press("1")
            try await tmux.wait(for: "Sign-ups, 28 days")
            try tmux.type(":user ada@")
            try await tmux.wait(for: "user ada@awesome.example")
            try tmux.press("Tab")
            try await tmux.wait(for: ":user ada@awesome.example")
            try tmux.press("Enter")
            try await tmux.wait(for: "Users · by name /ada@awesome.example", "1 of 1")
            try tmux.press("[")
            try await tmux.wait(for: "Sign-ups, 28 days")
            try tmux.press("]")
            try await tmux.wait(for: "1 of 1")
        }
    }

    @Test func anExportIsAWholeFileAndOnRecord() async throws {
        try await ConsoleWorld.run { world in
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let tmux = try world.console()
            try await enter(tmux)
            let file = folder + "/all.csv"
            try await export(tmux, into: file)
            try await tmux.wait(for: "Wrote 201 rows into")
            let written = try Data(contentsOf: URL(fileURLWithPath: file))
            // For people: a spreadsheet takes it for UTF-8, and ends of lines are its own.
            #expect(written.starts(with: [0xEF, 0xBB, 0xBF]))
            let text = String(decoding: written.dropFirst(3), as: UTF8.self).replacing("\r\n", with: "\n")
            #expect(text.hasPrefix("id,name,email,role,status,locale,created_at,last_seen_at\n"))
            #expect(text.contains("\n1,Ada Lovelace,ada@awesome.example,admin,"))
            #expect(text.split(separator: "\n").count == 202)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["all.csv"])
            let home = try await world.home()
            let records = "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = 'users.export'"
            #expect(try await world.value(records) == "1")

            // The same name again: refused, and what is there stays.
            try await export(tmux, into: file)
            try await tmux.wait(for: "there is a file")
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == written)
            #expect(try await world.value(records) == "1")

            // Two marked rows, as JSON.
            try tmux.press("Space", "Space")
            try await tmux.wait(for: "2 marked")
            try await export(tmux, into: folder + "/two.json")
            try await tmux.wait(for: "Wrote 2 rows into")
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/two.json"))
            let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
            #expect(rows.count == 2)
            #expect(rows.contains { $0["email"] as? String == "ada@awesome.example" })
            let ids = try await world.value(
                """
                SELECT detail ->> 'users' FROM piste_test.trail('\(home)')
                WHERE action = 'users.export' ORDER BY seq DESC LIMIT 1
                """)
            #expect(ids?.contains("1") == true)
        }
    }

    /// The table is locked, so the export waits in PostgreSQL; `esc` ends that there and leaves no file.
    @Test func aCancelledExportLeavesNoFile() async throws {
        try await ConsoleWorld.run { world in
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let tmux = try world.console()
            try await enter(tmux)
            let home = try await world.home()
            try await world.owner.query("BEGIN")
            try await world.owner.query("LOCK TABLE \(home).users IN ACCESS EXCLUSIVE MODE")
            try await export(tmux, into: folder + "/all.csv")
            try await tmux.wait(for: "rows into", "esc cancels")
            let isWriting = try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: folder) == ["all.csv.partial"]
            }
            #expect(isWriting)
            try tmux.press("Escape")
            try await tmux.wait(for: "The export is cancelled")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            try await world.owner.query("ROLLBACK")
            try await export(tmux, into: folder + "/all.csv")
            try await tmux.wait(for: "Wrote 201 rows into")
        }
    }

    @Test func aCutLinkLeavesNoHalfFile() async throws {
        try await ConsoleWorld.run { world in
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let tmux = try world.console()
            try await enter(tmux)
            let home = try await world.home()
            try await world.owner.query("BEGIN")
            try await world.owner.query("LOCK TABLE \(home).users IN ACCESS EXCLUSIVE MODE")
            try await export(tmux, into: folder + "/all.csv")
            let isWriting = try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: folder) == ["all.csv.partial"]
            }
            #expect(isWriting)
            try tmux.hangUp()
            let isGone = try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: folder) == []
            }
            #expect(isGone)
            try await world.owner.query("ROLLBACK")
        }
    }

    /// `!` and `/ /` on a terminal: what is wrong is said while it is typed, and the rows stay.
    @Test func usersAreFoundInverselyAndByExpression() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 100, rows: 30)
            try await enter(tmux)
            try tmux.press("/")
            try await tmux.wait(for: "text · status:word · !text without it")
            try tmux.type("!u")
            try await tmux.wait(for: "Users · by name /!u", "1 of 1", "Ada Lovelace")
            try tmux.press("C-u")
            try tmux.type("/^ada (")
            try await tmux.wait(for: "the ( at 6 is not closed", "Ada Lovelace")
            try tmux.type("love|x)/")
            try await tmux.wait(for: "1 of 1", "Ada Lovelace")
            try await tmux.waitUntilGone("is not closed")
            try tmux.press("Enter")
            try await tmux.wait(for: "Ada Lovelace", "ada@awesome.example")
        }
    }

    /// What is chosen of columns, widths and order is there again in the next run.
    @Test func tablesAreKeptBetweenRuns() async throws {
        try await ConsoleWorld.run { world in
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            func run() throws -> Tmux {
                try Tmux(
                    ["--database", world.url(world.alice)], columns: 80, rows: 24,
                    environment: ["XDG_STATE_HOME": folder])
            }
            let first = try run()
            try await enter(first)
            // Columns that find no room at 80 are one key away.
            try first.press("l")
            try await first.wait(for: "‹", "CREATED")
            try first.press("h", "c", "Down")
            try await first.wait(for: "EMAIL", "width by itself")
            try first.press(">", "s")
            try await first.wait(for: "↑ orders", " wide")
            try first.press("Down", "Space", "Escape")
            try await first.wait(for: "EMAIL ↑")
            try await first.waitUntilGone("STATUS")
            let file = folder + "/piste/tables.json"
            let isKept = try await eventually {
                (try? String(contentsOfFile: file, encoding: .utf8))?.contains("STATUS") == true
            }
            #expect(isKept)
            #expect(try !String(contentsOfFile: file, encoding: .utf8).contains("Ada"))
            try first.hangUp()

            let second = try run()
            try await enter(second)
            try await second.wait(for: "EMAIL ↑")
            #expect(!second.screen.contains("STATUS"))
        }
    }

    /// The list of companies goes into a file, and the engine's own trail says so first.
    @Test func companiesAreExportedOnRecord() async throws {
        try await ConsoleWorld.run { world in
            let folder = try temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let tmux = try world.console(columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("/")
            try tmux.type("!/^evil/")
            try await tmux.waitUntilGone("evil ")
            try tmux.press("Tab")
            try await export(tmux, into: folder + "/firms.csv")
            try await tmux.wait(for: "Wrote 2 rows into")
            let written = try Data(contentsOf: URL(fileURLWithPath: folder + "/firms.csv"))
            let text = String(decoding: written.dropFirst(3), as: UTF8.self).replacing("\r\n", with: "\n")
            #expect(text.hasPrefix("name,url_id,auth_provider,status,"))
            #expect(text.contains("\nAwesome Corp,awesome,okta,active,"))
            #expect(text.split(separator: "\n").count == 3)
            let record = try await world.value(
                """
                SELECT actor || ' ' || detail FROM piste_test.trail('piste')
                WHERE action = 'companies.export'
                """)
            #expect(record?.hasPrefix(world.alice) == true)
            #expect(record?.contains("\"companies\": 2") == true)
            #expect(record?.contains("no_expression") == true)

            try tmux.press("Space")
            try await tmux.wait(for: "1 marked")
            try await export(tmux, into: folder + "/one.json")
            try await tmux.wait(for: "Wrote 1 rows into")
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/one.json"))
            let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
            #expect(rows.first?["url_id"] as? String == "awesome")
        }
    }

    private func enter(_ tmux: Tmux) async throws {
        try await tmux.wait(for: "Awesome Corp")
        try tmux.press("Enter")
        try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace", "users.read")
    }

    private func export(_ tmux: Tmux, into file: String) async throws {
        try tmux.press("x")
        try await tmux.wait(for: "┌ Export ")
        try tmux.press("C-u")
        try tmux.type(file)
        try tmux.press("Enter")
    }

    private func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "piste-export-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
