import Foundation
import TestSupport
import Testing

/// The manual page names what the program has.
struct ManualTests {
    private struct Tool: Decodable {
        struct Command: Decodable {
            var commandName: String
            var shouldDisplay: Bool?
            var subcommands: [Command]?
        }

        var command: Command
    }

    private var page: String {
        get throws {
            let package = #filePath.components(separatedBy: "/Tests/")[0]
            return try String(contentsOfFile: package + "/Sources/piste/Manual/piste.1", encoding: .utf8)
        }
    }

    @Test func namesEveryCommand() async throws {
        let dump = try await Piste.run(["--experimental-dump-help"])
        let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8))
        let page = try page
        let words = Set(page.split { !$0.isLetter && $0 != "-" }.map(String.init))
        let commands = tool.command.subcommands ?? []
        #expect(commands.count > 15)
        for command in commands where command.commandName != "help" {
            #expect(
                page.contains(".It Cm \(command.commandName)") || page.contains(", Cm \(command.commandName)")
            )
            for inner in command.subcommands ?? [] where inner.commandName != "help" {
                #expect(words.contains(inner.commandName), "\(command.commandName) \(inner.commandName)")
            }
        }
    }

    private static let hasMandoc =
        (try? Program.run("/bin/sh", ["-c", "command -v mandoc"]))?.status == 0

    @Test(.enabled(if: hasMandoc, "mandoc is not installed"))
    func isSoundByMandoc() throws {
        let package = #filePath.components(separatedBy: "/Tests/")[0]
        let lint = try Program.run(
            "/usr/bin/env", ["mandoc", "-Tlint", package + "/Sources/piste/Manual/piste.1"])
        for line in (lint.output + lint.errors).split(separator: "\n") {
            #expect(!line.contains(": WARNING:") && !line.contains(": ERROR:"), "\(line)")
        }
    }

    @Test func namesEveryExitStatus() throws {
        let page = try page
        for status in ["0", "1", "2", "3", "4", "5", "130"] { #expect(page.contains(".It \(status)\n")) }
    }
}
