import ArgumentParser
import Foundation
import Testing

@testable import piste

/// Every command shows how it is called, and what `--help` and the manual show is what the program takes.
struct ExampleTests {
    private struct Tool: Decodable {
        struct Command: Decodable {
            var commandName: String
            var discussion: String?
            var subcommands: [Command]?

            /// The commands that do something, with their words.
            func leaves(_ path: [String] = []) -> [(path: [String], discussion: String)] {
                let inner = (subcommands ?? []).filter { $0.commandName != "help" }
                let path = path + [commandName]
                return inner.isEmpty ? [(path, discussion ?? "")] : inner.flatMap { $0.leaves(path) }
            }
        }

        var command: Command
    }

    @Test func everyCommandHasExamplesThatItTakes() async throws {
        let dump = try await Piste.run(["--experimental-dump-help"])
        let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8))
        let leaves = tool.command.leaves()
        #expect(leaves.count > 50)
        for (path, discussion) in leaves {
            let parts = discussion.components(separatedBy: "Examples:\n")
            let lines = parts.dropFirst().joined(separator: "").split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            #expect(!lines.isEmpty, "\(path.joined(separator: " ")) has no example")
            for line in lines {
                let commands = Self.commands(in: line.replacing("SHA256", with: Self.digest))
                #expect(
                    commands.contains { Array($0.prefix(path.count)) == path }, "\(line): not of \(path)")
                for command in commands { Self.expectTaken(command, line) }
            }
        }
    }

    /// No line of usage is longer than a terminal, whatever a command takes.
    @Test func usageFitsATerminal() async throws {
        for command in [
            ["audit", "verify"], ["audit", "archive"], ["company", "list"], ["demo"], ["token", "exchange"],
        ] {
            for arguments in [command + ["--help"], command + ["--no-such-option"]] {
                let outcome = try await Piste.run(arguments)
                let lines = (outcome.output + outcome.narration).split(
                    separator: "\n", omittingEmptySubsequences: false)
                let start = try #require(
                    lines.firstIndex { $0.lowercased().hasPrefix("usage: piste") }, "\(outcome)")
                let usage = lines[start...].prefix { !$0.isEmpty && !$0.hasPrefix("  See") }
                #expect(usage.allSatisfy { $0.count <= 80 }, "\(usage)")
                #expect(outcome.status == (arguments.last == "--help" ? 0 : 2))
            }
        }
        #expect(UsageText.folded("USAGE: piste x [--a <b>]\n\nX") == "USAGE: piste x [--a <b>]\n\nX")
    }

    @Test func theManualsExamplesAreTaken() throws {
        let page = try String(
            contentsOfFile: #filePath.components(separatedBy: "/Tests/")[0]
                + "/Sources/piste/Manual/piste.1", encoding: .utf8)
        let section = try #require(page.components(separatedBy: ".Sh EXAMPLES\n").last)
        let lines = section.split(separator: "\n").filter { $0.hasPrefix(".Dl $ ") }.map { line in
            String(line.dropFirst(".Dl $ ".count)).replacing("\\(dq", with: "\"").replacing("\\&", with: "")
                .replacing("9f86d081884c7d65...", with: Self.digest)
        }
        #expect(lines.count > 25)
        for line in lines {
            for command in Self.commands(in: line) { Self.expectTaken(command, line) }
        }
    }

    /// What stands in an example for one.
    private static let digest = String(repeating: "0", count: 64)

    private static func expectTaken(_ command: [String], _ line: String) {
        do {
            _ = try piste.Piste.parseAsRoot(Array(command.dropFirst()))
        } catch {
            Issue.record("\(line): \(piste.Piste.message(for: error))")
        }
    }

    /// The calls of piste in a line of a shell, without quotation marks and redirections.
    private static func commands(in line: String) -> [[String]] {
        var commands: [[String]] = [[]]
        var isTarget = false
        for word in words(of: line) {
            switch word.text {
            case "|" where !word.isQuoted, "&&" where !word.isQuoted: commands.append([])
            case "<" where !word.isQuoted, ">" where !word.isQuoted: isTarget = true
            case _ where isTarget: isTarget = false
            default: commands[commands.count - 1].append(word.text)
            }
        }
        return commands.filter { $0.first == "piste" }
    }

    private static func words(of line: String) -> [(text: String, isQuoted: Bool)] {
        var words: [(text: String, isQuoted: Bool)] = []
        var (text, mark, isQuoted) = ("", Character?.none, false)
        for character in line + " " {
            switch (character, mark) {
            case (let own, let open?) where own == open: mark = nil
            case (_, _?): text.append(character)
            case ("\"", nil), ("'", nil): (mark, isQuoted) = (character, true)
            case (" ", nil):
                if !text.isEmpty || isQuoted { words.append((text, isQuoted)) }
                (text, isQuoted) = ("", false)
            default: text.append(character)
            }
        }
        return words
    }
}
