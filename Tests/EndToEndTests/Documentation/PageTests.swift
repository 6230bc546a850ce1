import Foundation
import Testing

/// The other pages hold to what the program and the engine have.
struct PageTests {
    private struct Tool: Decodable {
        struct Command: Decodable {
            struct Argument: Decodable {
                struct Name: Decodable { var kind, name: String }
                var names: [Name]?
            }

            var commandName: String
            var subcommands: [Command]?
            var arguments: [Argument]?

            var flags: [String] {
                (arguments ?? []).flatMap { ($0.names ?? []).filter { $0.kind == "long" }.map(\.name) }
            }
        }

        var command: Command
    }

    /// Every `piste …` on every page is a command that exists, with options that it has.
    @Test func everyCommandOnEveryPageExists() async throws {
        let dump = try await Piste.run(["--experimental-dump-help"])
        let top = try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8)).command
        var seen = 0
        let files = [
            "README": try String(contentsOfFile: Pages.package + "/README.md", encoding: .utf8)
        ].merging(try Pages.all()) { $1 }
        for (page, text) in files {
            let spans = text.matches(of: /`piste ([^`\n]+)`/).map { String($0.output.1) }
            let lines = Pages.code("sh", in: text).flatMap { $0.split(separator: "\n") }
                .filter { $0.hasPrefix("piste ") }.map { String($0.dropFirst(6)) }
            for use in spans + lines {
                var words = use.split(separator: " ").map(String.init)
                var command = top
                while let word = words.first,
                    let inner = command.subcommands?.first(where: {
                        word.split(separator: "\\")[0] == $0.commandName
                    })
                {
                    command = inner
                    words.removeFirst()
                }
                #expect(command.commandName != "piste", "\(page): piste \(use)")
                for flag in words where flag.hasPrefix("--") {
                    let name = flag.dropFirst(2).prefix { $0 != "=" && $0 != "]" }
                    #expect(command.flags.contains(String(name)), "\(page): piste \(use)")
                }
                seen += 1
            }
        }
        #expect(seen > 60)
    }

    /// Every SQLSTATE of class PT and every refusal of the engine is on its page, and nothing else is.
    @Test func everyRefusalIsListed() throws {
        let engine = Pages.package + "/Sources/Tenancy/Engine/"
        let names = FileManager.default.enumerator(atPath: engine)?.compactMap { $0 as? String } ?? []
        let text = try names.filter { $0.hasSuffix(".sql") }.map {
            try String(contentsOfFile: engine + $0, encoding: .utf8)
        }.joined(separator: "\n")
        let page = try Pages.page("Refusals")
        let states = Set(text.matches(of: /ERRCODE = '(PT[0-9]{3})'/).map { String($0.output.1) })
        #expect(states.count > 8)
        #expect(states == Set(page.matches(of: /PT[0-9]{3}/).map { String($0.output) }))
        // A refusal is the fourth argument of `refuse`, a row of a list of conditions, or what `code` is set to; a setting's
        // row begins with its name.
        let ways = [
            try Regex(
                #"refuse\(\s*[^;']*(?:'[a-z]+'[^;']*)?'[a-z]+\.[a-z_]+'[^;']*'[a-z]+'[^;']*'([a-z]+(?:_[a-z]+)+)'"#
            ),
            try Regex(#"\([0-9]+, [^'\n][^\n]*'([a-z]+(?:_[a-z]+)+)',?\s"#),
            try Regex(#"code := '([a-z]+(?:_[a-z]+)*)'"#),
        ]
        let codes = Set(
            ways.flatMap { text.matches(of: $0).compactMap { $0.output[1].substring.map(String.init) } }
        ).subtracting(["url_id"])
        let listed = Set(
            page.matches(of: /`([a-z]+(?:_[a-z]+)+)`/).map { String($0.output.1) }
        ).subtracting(["url_id"])
        #expect(codes.count > 35, "\(codes.sorted())")
        #expect(codes.subtracting(listed) == [], "not on the page")
        #expect(
            listed.filter { !text.contains("'\($0)'") && !$0.hasPrefix("request_") } == [], "only on the page"
        )
    }

    @Test func theThemeOnThePagePassesItsCheck() async throws {
        let page = try Pages.page("ThemeFormat")
        let theme = try #require(Pages.code("toml", in: page).first)
        let folder = try TemporaryFolder()
        try theme.write(toFile: folder.path + "/harbour.toml", atomically: true, encoding: .utf8)
        let check = try await Piste.run(["theme", "check", folder.path + "/harbour.toml"])
        #expect(check.status == 0, "\(check)")
        // The fault that the page quotes is the one that the program names.
        let bad = theme.replacing("selection     =", with: "selecton      =")
        try bad.write(toFile: folder.path + "/harbour.toml", atomically: true, encoding: .utf8)
        let fault = try await Piste.run(["theme", "check", folder.path + "/harbour.toml"])
        let quoted = try #require(page.firstMatch(of: /`(harbour\.toml:[^`]+)`/)?.output.1)
        #expect(fault.narration.contains(quoted), "\(fault)")
    }

    @Test func theConfigurationOnThePageIsRead() async throws {
        let file = try #require(Pages.code("toml", in: try Pages.page("Operations")).first)
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/piste", withIntermediateDirectories: true)
        try file.write(toFile: folder.path + "/piste/config.toml", atomically: true, encoding: .utf8)
        let show = try await Piste.run(
            ["config", "show", "--profile", "prod", "--format", "csv"],
            environment: ["XDG_CONFIG_HOME": folder.path])
        #expect(show.status == 0, "\(show)")
        for value in ["read_only,true", "idle_lock,5", "theme,high-contrast"] {
            #expect(show.lines.contains { $0.hasPrefix(value) }, "\(show)")
        }
    }
}
