import Foundation
import Testing

/// `piste theme import`: other programs' themes become themes that can be read, or it is told what cannot.
struct ThemeImportTests {
    private static let base16 = """
        scheme: "Made up"
        author: "Nobody \\e[31m"
        base00: "181818"
        base01: "282828"
        base02: "383838"
        base03: "585858"
        base04: "b8b8b8"
        base05: "d8d8d8"
        base06: "e8e8e8"
        base07: "f8f8f8"
        base08: "ab4642"
        base09: "dc9656"
        base0A: "f7ca88"
        base0B: "a1b56c"
        base0C: "86c1b9"
        base0D: "7cafc2"
        base0E: "ba8baf"
        base0F: "a16946"
        """
    private static let newer =
        "system: \"base16\"\nname: \"Made up\"\npalette:\n"
        + base16.split(separator: "\n").dropFirst(2).map { "  " + $0.replacing(": \"", with: ": \"#") }
        .joined(separator: "\n")
    private static let alacritty = """
        [colors.primary]
        background = "#1d1f21"
        foreground = "#c5c8c6"
        [colors.normal]
        black = "#1d1f21"
        red = "#cc6666"
        green = "0xb5bd68"
        yellow = "#f0c674"
        blue = "#81a2be"
        magenta = "#b294bb"
        cyan = "#8abeb7"
        white = "#c5c8c6"
        [colors.bright]
        black = "#666666"
        """
    private static let helix = """
        "ui.background" = { bg = "night" }
        "ui.text" = "snow"
        "comment" = { fg = "fog", modifiers = ["italic"] }
        "keyword" = "plum"
        "function" = { fg = "sky" }
        "string" = "moss"
        "warning" = "sand"
        "error" = "rust"
        "ui.selection" = { bg = "dusk" }
        [palette]
        night = "#101820"
        snow = "#eeeeee"
        fog = "#8899aa"
        plum = "#cc99ff"
        sky = "#66bbff"
        moss = "#99cc66"
        sand = "#ffcc66"
        rust = "#ff8877"
        dusk = "#334455"
        """

    @Test(arguments: [("base16", base16), ("base16", newer), ("alacritty", alacritty), ("helix", helix)])
    func becomesAThemeThatPasses(format: String, text: String) async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/Made Up.theme"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let made = folder.path + "/made-up.toml"
        let outcome = try await Piste.run(["theme", "import", file, "--output", made])
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.narration.contains("made-up, from \(format): "), "\(outcome)")
        let check = try await Piste.run(["theme", "check", made])
        // What the import told of the contrast, the check tells too.
        #expect((check.status == 0) == outcome.narration.contains("every role has"), "\(outcome) \(check)")
        #expect([0, 5].contains(check.status), "\(check)")
        let printed = try await Piste.run(["theme", "import", file, "--from", format, "--name", "other"])
        #expect(
            printed.output
                == (try String(contentsOfFile: made, encoding: .utf8)).replacing(
                    "\"made-up\"", with: "\"other\""))
        for other in ["base16", "helix", "alacritty"] where other != format {
            #expect(try await Piste.run(["theme", "import", file, "--from", other]).status == 1)
        }
    }

    @Test(arguments: [
        "", "{}", "base00: nothing", "[[[[[[[[[[", "\"ui.background\" = { bg = \"night\" }",
        "colors:\n  primary:\n    background: '#000'",
        "a: &a [*a]", "\u{1B}]0;x\u{7}: y", String(repeating: " ", count: 100_000) + "x: y",
    ])
    func refusesWhatIsNone(text: String) async throws {
        let folder = try TemporaryFolder()
        try text.write(toFile: folder.path + "/x.yaml", atomically: true, encoding: .utf8)
        let outcome = try await Piste.run([
            "theme", "import", folder.path + "/x.yaml", "--output", folder.path + "/y.toml",
        ])
        #expect(
            outcome.status == 1 && outcome.narration.contains("where  \(folder.path)/x.yaml"), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/y.toml"))
    }
}
