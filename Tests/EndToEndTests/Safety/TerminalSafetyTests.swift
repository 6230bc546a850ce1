import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// The built program over a database that is out to take the terminal over, on a real pseudo-terminal.
@Suite(.serialized)
struct TerminalSafetyTests {
    /// A company whose every text is hostile.
    private static func addHostileCompany(to world: ConsoleWorld, seed: UInt64) async throws {
        var texts = HostileText(seed: seed)
        func text() -> String {
            let text = String(String.UnicodeScalarView(texts.nextForDatabase().unicodeScalars.prefix(34)))
            return text.isEmpty ? "\u{1B}" : text
        }
        try await world.owner.query(
            "SELECT * FROM piste.create_company($1, 'a-hostile', $2)", [.text("!" + text()), .text("okta")])
        try await world.owner.query(
            "UPDATE piste.company SET auth_provider = $1 WHERE url_id = 'a-hostile'", [.text(text())])
        let now = Timestamp.now
        let users = (1...120).map { id in
            ImportedUser(
                id: Int64(id), email: text() + "\(id)@x", name: text(), role: text(), locale: text(),
                createdAt: now, lastSeenAt: now)
        }
        let journeys = (1...120).map { id in
            ImportedJourney(
                id: Int64(id), userID: Int64(id), name: text(), status: .stalled, currentStep: 2,
                startedAt: now, updatedAt: now)
        }
        let steps = (1...120).flatMap { journey in
            (1...4).map { position in
                ImportedStep(
                    id: Int64(journey * 10 + position), journeyID: Int64(journey), position: position,
                    name: text(), state: position < 2 ? .done : .stalled, enteredAt: now, note: text())
            }
        }
        try await BulkImport(connection: world.owner).importRows(
            into: "a-hostile", users: users, journeys: journeys, steps: steps)
    }

    private func environment(_ home: TemporaryFolder) -> [String: String] {
        [
            "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin",
            "HOME": home.path,
        ]
    }

    /// Presses keys one after the other, each once the terminal is quiet after the one before.
    private func press(_ keys: [String], _ pty: Pty) {
        for key in keys {
            pty.type(key)
            _ = pty.read(for: 700)
            while pty.read(for: 120) {}
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func noScreenSaysMoreThanItDraws(seed: UInt64) async throws {
        try await ConsoleWorld.run { world in
            try await Self.addHostileCompany(to: world, seed: seed)
            let home = try TemporaryFolder()
            let pty = try Pty(
                [Piste.path, "--database", world.url(world.bob), "--mouse"], environment: environment(home),
                rows: 40, columns: 160)
            #expect(pty.read { String(decoding: pty.output, as: UTF8.self).contains("Awesome") })
            press(["g", "y", "\u{1B}", "e", "r", "\u{1B}", "\u{1B}", "\r"], pty)
            #expect(pty.read { String(decoding: pty.output, as: UTF8.self).contains("ACCESS") })
            // Users, their preview, a user, a journey, the copy menu; the lists to their ends; the trail and a record.
            press(["j", "j", "y", "n", "\r", "\r", "y", "\u{1B}", "q", "q", " ", "x", "\u{1B}"], pty)
            press(["G", "g", "\u{6}", "\u{6}", "3", "j", "G", "1", "4", "\r", "\u{1B}", "A", "C", "q"], pty)
            press(["t", "\u{1B}", "\u{10}", "?", "\u{1B}", ":", "company a", "\u{1B}", "\u{C}"], pty)
            press(
                ["2", "i", "\u{1B}[200~\u{1B}]0;pasted\u{7}\n\nx\u{1B}[201~", "\u{1B}", "L", "O", "q"], pty)
            let stream = TerminalStream(pty.output)
            #expect(stream.faults == [], "seed \(seed)")
            let shown = String(decoding: pty.output, as: UTF8.self)
            #expect(shown.contains("␛"))
            for sequence in HostileText.worst where sequence.hasPrefix("\u{1B}") {
                guard !sequence.contains("?2004l"), !sequence.contains("?1049l") else { continue }
                #expect(!shown.contains(sequence))
            }
            var ended: Int32?
            // While something is still being read, the first ^c cancels that.
            for _ in 0..<6 where ended == nil {
                pty.type("\u{3}")
                _ = pty.read(for: 500)
                pty.type("y")
                ended = pty.wait()
            }
            #expect(ended != nil)
            #expect(TerminalStream(pty.output).faults == [])
        }
    }

    /// Listings, exports and errors on a terminal: no sequence at all.
    @Test func noCommandSaysMoreThanItPrints() async throws {
        try await ConsoleWorld.run { world in
            try await Self.addHostileCompany(to: world, seed: 7)
            let home = try TemporaryFolder()
            let database = ["--database", world.url(world.bob)]
            for arguments in [
                ["company", "list"], ["company", "show", "a-hostile"],
                ["company", "list", "--format", "json"],
                ["company", "list", "--format", "csv"], ["users", "a-hostile", "--limit", "120"],
                ["users", "a-hostile", "--format", "csv"], ["users", "a-hostile", "--format", "json"],
                ["journeys", "a-hostile"], ["journeys", "a-hostile", "--format", "csv"],
                ["audit", "show", "a-hostile"], ["contexts", "--all"], ["console", "--plain"],
                ["users", "\u{1B}]0;pwned\u{7}"], ["token", "inspect", "\u{1B}[2Jx"],
                ["theme", "check", "\u{1B}]0;pwned\u{7}"],
            ] {
                let pty = try Pty(
                    [Piste.path] + arguments + database.filter { _ in arguments[0] != "theme" },
                    environment: environment(home))
                #expect(pty.wait() != nil, "\(arguments)")
                let output = pty.output
                #expect(!output.isEmpty, "\(arguments)")
                #expect(!output.contains(0x1B), "\(arguments): \(String(decoding: output, as: UTF8.self))")
                #expect(TerminalStream(output).faults == [], "\(arguments)")
            }
        }
    }

    /// A name of any kind reaches the clipboard whole, and only there.
    @Test func aHostileNameIsCopiedEncoded() async throws {
        try await ConsoleWorld.run { world in
            let name = "\u{1B}]52;c;cHduZWQ=\u{7}\u{1B}[2J" + String(repeating: "界", count: 60)
            let home = try await world.home()
            try await world.owner.query("DELETE FROM \(home).users WHERE id > 1")
            try await world.owner.query("UPDATE \(home).users SET name = $1 WHERE id = 1", [.text(name)])
            let folder = try TemporaryFolder()
            let pty = try Pty(
                [Piste.path, "--database", world.url(world.alice)], environment: environment(folder),
                rows: 30, columns: 100)
            #expect(pty.read { String(decoding: pty.output, as: UTF8.self).contains("Awesome") })
            press(["\r"], pty)
            #expect(pty.read { String(decoding: pty.output, as: UTF8.self).contains("ACCESS") })
            press(["y", "n"], pty)
            let stream = TerminalStream(pty.output)
            #expect(stream.faults == [])
            #expect(stream.copied == [Data(name.utf8).base64EncodedString()])
        }
    }

    /// The measure itself finds what it is there to find.
    @Test func theMeasureFinds() {
        for sequence in HostileText.worst where sequence.hasPrefix("\u{1B}") {
            guard sequence != "\u{1B}[9999;9999H", !sequence.contains("m"), !sequence.contains("52;c") else {
                continue
            }
            let ours = ["\u{1B}[?1049l", "\u{1B}[?2004l"].contains(sequence)
            #expect(
                TerminalStream(Array(sequence.utf8)).faults.isEmpty == ours, "\(sequence.debugDescription)")
        }
        for text in ["\u{7}", "\u{9B}", "\u{202E}", "\u{200B}", "\u{E}"] {
            #expect(TerminalStream(Array(text.utf8)).faults.count == 1)
        }
        #expect(TerminalStream([0xFF]).faults == ["this is not UTF-8"])
        #expect(TerminalStream(Array("\u{1B}[38;5;46mé\u{1B}[?25l\r\n".utf8)).faults == [])
        #expect(TerminalStream(Array("\u{1B}]52;c;QQ==\u{7}".utf8)).copied == ["QQ=="])
    }
}
