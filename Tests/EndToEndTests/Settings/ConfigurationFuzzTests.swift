import TestSupport
import Testing

@testable import piste

/// Ten thousand damaged configuration files, and as many of other programs' themes: none ends the program.
struct ConfigurationFuzzTests {
    private static let text = """
        default = "prod"
        theme = "piste"
        idle_lock = 5
        [colors]
        ok = "#00ff00"
        [keys]
        quit = "q"
        [profile.prod]
        database = "postgresql://db.example/app?sslmode=verify-full"
        read_only = true
        color = "256"
        [profile.staging]
        database = "host=/tmp dbname=x"
        ascii = false
        log_level = "info"
        """

    @Test func readsOrRefusesWhateverIsWritten() {
        var mutator = Mutator(
            seed: 26, words: ["[profile.prod]", "idle_lock = ", "true", "[[profile]]", "{", "'''", "\"\"\""])
        var read = 0
        for round in 0..<10_000 {
            let changed = String(decoding: mutator.changed(Array(Self.text.utf8)), as: UTF8.self)
            do {
                let configuration = try Configuration(changed, path: "config.toml")
                for name in configuration.profiles.keys {
                    _ = try? configuration.section(profile: name)
                    _ = try? configuration.database(profile: name)
                }
                try? ConfigurationCheck(configuration: configuration).run()
                read += 1
            } catch let error as CommandError {
                #expect(error.status == .usage && error.place?.isEmpty == false, "\(round)")
            } catch {
                Issue.record("\(round): \(error)")
            }
        }
        #expect(read > 500)
    }

    @Test func importsOrRefusesOtherProgramsThemes() {
        let yaml =
            "scheme: \"x\"\npalette:\n"
            + (0..<16).map { "  base0\(String($0, radix: 16).uppercased()): \"#1818\($0 + 16)\"\n" }.joined()
        let toml =
            "\"ui.background\" = { bg = \"night\" }\n\"ui.text\" = \"snow\"\n[palette]\nnight = \"#101820\"\nsnow = \"#eeeeee\"\n"
        for (seed, text) in [(27, yaml), (28, toml)] {
            var mutator = Mutator(
                seed: UInt64(seed), words: ["palette:", "colors:", "&a", "*a", "night = \"night\"", "  "])
            for _ in 0..<10_000 {
                let changed = String(decoding: mutator.changed(Array(text.utf8)), as: UTF8.self)
                guard let theme = ForeignTheme(changed), let draft = ThemeDraft(theme, name: "x") else {
                    continue
                }
                #expect(draft.text.hasPrefix("name = \"x\"\n"))
            }
        }
    }
}
