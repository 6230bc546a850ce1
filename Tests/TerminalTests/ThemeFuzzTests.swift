import Terminal
import TestSupport
import Testing

/// Ten thousand damaged themes: none ends the program, and each is a theme or an error with its file.
struct ThemeFuzzTests {
    private static let text = """
        name = "dusk"
        inherits = "piste"
        [palette]
        ice = "#aabbcc"
        night = "#101820"
        [styles]
        bg = { bg = "night", bg256 = 234, bg16 = "black" }
        ok = "ice"
        error = { fg = "#ff0000", modifiers = ["bold", "reverse"], mono = ["underline"] }
        "border.focus" = { fg = "default", fg256 = 7 }
        """

    @Test func readsOrRefusesWhateverIsWritten() throws {
        let folder = try ThemeFolder(["dusk": Self.text])
        var mutator = Mutator(
            seed: 25,
            words: ["\"#fff\"", "inherits = \"dusk\"", "[styles]", "[[styles]]", "fg256 = ", "'''", "\"\"\""])
        var read = 0
        for round in 0..<10_000 {
            let bytes = mutator.changed(Array(Self.text.utf8))
            folder.write(bytes: bytes, to: "dusk.toml")
            do throws(ThemeError) {
                let theme = try folder.library.theme(named: "dusk")
                _ = theme.contrastFigures
                read += 1
            } catch {
                #expect(!error.description.isEmpty, "\(round)")
            }
        }
        #expect(read > 100)
    }
}
