import Foundation
import Testing

/// The console with settings of a user's own.
@Suite(.serialized)
struct SettingsTests {
    private static let theme = """
        name = "dusk"
        inherits = "piste"
        [styles]
        title = { fg = "#00ff00", fg256 = 46 }

        """

    @Test func aThemeIsReadAgainAsSoonAsItIsWritten() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let file = folder.path + "/dusk.toml"
            try Self.theme.write(toFile: file, atomically: false, encoding: .utf8)
            let tmux = try Tmux(
                ["--database", world.url(world.alice), "--theme", "dusk", "--color", "256"],
                environment: ["PISTE_THEMES": folder.path, "TERM": "tmux-256color"])
            try await tmux.wait(for: "Awesome Corp")
            #expect(tmux.colored.contains("38;5;46m"))
            try Self.theme.replacingOccurrences(of: "fg256 = 46", with: "fg256 = 201").write(
                toFile: file, atomically: true, encoding: .utf8)
            try await tmux.wait(for: "The theme dusk was read again.")
            #expect(tmux.colored.contains("38;5;201m"))
            try Self.theme.replacingOccurrences(of: "title", with: "titel").write(
                toFile: file, atomically: false, encoding: .utf8)
            try await tmux.wait(for: "dusk.toml:4: styles has no \"titel\"", "did you mean \"title\"?")
            #expect(tmux.colored.contains("38;5;201m"))
            try Self.theme.write(toFile: file, atomically: true, encoding: .utf8)
            try await tmux.wait(for: "The theme dusk was read again.")
            #expect(tmux.colored.contains("38;5;46m"))
        }
    }

    @Test func aProfileBringsItsThemeItsKeysAndItsCaution() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder.path + "/piste", withIntermediateDirectories: true)
            try """
            [profile.prod]
            database = "\(world.url(world.bob))"
            theme = "high-contrast"
            read_only = true
            [profile.prod.keys]
            refresh = "F5"
            """.write(toFile: folder.path + "/piste/config.toml", atomically: true, encoding: .utf8)
            let tmux = try Tmux(
                ["--profile", "prod", "--color", "256"], columns: 200, rows: 40,
                environment: ["XDG_CONFIG_HOME": folder.path, "TERM": "tmux-256color"])
            try await tmux.wait(for: "Awesome Corp", "READ-ONLY", "F5 refresh")
            #expect(!tmux.screen.contains("n create"))
            try tmux.press("n")
            try await tmux.wait(for: "This console is read-only; nothing was changed.")
            try tmux.press("i")
            try await tmux.wait(for: "This console is read-only; nothing was changed.")
            #expect(!tmux.screen.contains("type the url id"))
            #expect(tmux.colored.contains("48;5;16"))
        }
    }

    /// What the terminal is told of colours: none, sixteen, two hundred and fifty-six.
    @Test func coloursAreThoseThatWereAskedFor() async throws {
        try await ConsoleWorld.run { world in
            func colored(_ arguments: [String], _ environment: [String: String]) async throws -> String {
                let tmux = try Tmux(
                    ["--database", world.url(world.alice)] + arguments,
                    environment: environment.merging(["TERM": "tmux-256color"]) { $1 })
                try await tmux.wait(for: "Awesome Corp")
                return tmux.colored
            }
            // An empty NO_COLOR is none.
            let full = try await colored([], ["NO_COLOR": ""])
            #expect(full.contains("38;5;"))
            for (arguments, environment) in [
                (["--color", "mono"], ["NO_COLOR": ""]), ([], ["NO_COLOR": "1"]),
                ([], ["PISTE_COLOR": "mono", "NO_COLOR": ""]),
            ] as [([String], [String: String])] {
                let plain = try await colored(arguments, environment)
                #expect(!plain.contains("38;5;"), "\(arguments) \(environment)")
                #expect(Self.sixteen.allSatisfy { !plain.contains("\u{1B}[\($0)m") }, "\(environment)")
                #expect(plain.contains("[7m") || plain.contains(";7m"), "\(arguments) \(environment)")
            }
            let few = try await colored(["--color", "16"], ["NO_COLOR": "1"])
            #expect(!few.contains("38;5;"))
            #expect(Self.sixteen.contains { few.contains("\u{1B}[\($0)m") })
        }
    }

    /// The numbers of the sixteen colours of text.
    private static let sixteen = Array(30...37) + Array(90...97)

    @Test func theMouseSelectsAndOpens() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(["--mouse"])
            try await tmux.wait(for: "Awesome Corp", "Blau")
            let row = try #require(
                tmux.screen.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
                    $0.contains("Blau")
                })
            let click = "\u{1B}[<0;8;\(row + 1)M\u{1B}[<0;8;\(row + 1)m"
            try tmux.type(click)
            try await tmux.wait(for: "2 of 3")
            try tmux.type(click + click)
            try await tmux.wait(for: "ACCESS", "Blau & Söhne ▸ Users")
        }
    }

    @Test func withoutAScreenACompanyListAndAHintArePrinted() async throws {
        try await ConsoleWorld.run { world in
            for arguments in [[], ["--plain"]] {
                let plain = try await Piste.run(
                    ["console"] + arguments, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
                #expect(plain.status == 0, "\(plain)")
                // A table with its head, or seven values of each company, a line each.
                #expect(plain.lines.count == (arguments.isEmpty ? 4 : 21), "\(plain)")
                #expect(!plain.output.unicodeScalars.contains("\u{1B}"))
                #expect(plain.narration.contains("piste users COMPANY"), "\(plain)")
            }
        }
    }
}
