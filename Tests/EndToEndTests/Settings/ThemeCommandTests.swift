import Foundation
import Testing

/// `piste theme`: what there is, and what is wrong with one.
struct ThemeCommandTests {
    private static let shipped = [
        "catppuccin", "colour-blind", "dracula", "gruvbox", "high-contrast", "nord", "piste", "piste-light",
        "solarized-dark", "solarized-light", "tokyo-night",
    ]

    @Test func theElevenAreListedAndPass() async throws {
        let list = try await Piste.run(["theme", "list", "--format", "json"])
        #expect(list.status == 0, "\(list)")
        let themes = try list.objects()
        #expect(themes.compactMap { $0["theme"] as? String } == Self.shipped)
        #expect(
            themes.filter { $0["used"] as? Bool == true }.compactMap { $0["theme"] as? String } == ["piste"])
        for name in Self.shipped {
            let check = try await Piste.run(["theme", "check", name])
            #expect(check.status == 0, "\(check)")
            #expect(check.lines.count == 59, "\(check)")
            #expect(check.narration.contains("every role has the contrast that it needs"))
        }
    }

    @Test func tooLittleContrastIsFiveAndNamed() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/fog.toml"
        try "name = \"fog\"\ninherits = \"piste\"\n[styles]\nok = \"#1a2027\"\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        let check = try await Piste.run(["theme", "check", file, "--format", "csv"])
        #expect(check.status == 5, "\(check)")
        #expect(check.narration.contains("too little contrast of ok on bg"), "\(check)")
        #expect(check.narration.contains("where  \(file)"))
        #expect(
            check.lines.contains { $0.hasPrefix("ok,bg,#1a2027,#12181f,1.") && $0.hasSuffix(",4.5,false") })
    }

    @Test(arguments: [
        (
            "[styles]\nselecton = \"#fff\"", 5,
            "bad.toml:3: styles has no \"selecton\"; did you mean \"selection\"?"
        ),
        ("[styles]\nok = \"icy\"", 5, "bad.toml:3: ok wants the colour \"icy\""),
        ("[styles", 5, "bad.toml:2"),
    ])
    func aFaultIsNamedWithItsLine(text: String, status: Int32, words: String) async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/bad.toml"
        try "name = \"bad\"\n\(text)\n".write(toFile: file, atomically: true, encoding: .utf8)
        let check = try await Piste.run(["theme", "check", file])
        #expect(check.status == status, "\(check)")
        #expect(check.narration.contains(words), "\(check)")
        #expect(check.output == "")
        let list = try await Piste.run(["theme", "list"], environment: ["PISTE_THEMES": folder.path])
        #expect(list.status == 0)
        #expect(list.output.contains("bad.toml:"), "\(list)")
    }

    @Test func aMissingThemeIsOneWithTheNearestName() async throws {
        let check = try await Piste.run(["theme", "check", "gruvbx"])
        #expect(check.status == 1, "\(check)")
        #expect(check.narration.contains("did you mean \"gruvbox\"?"))
        #expect(try await Piste.run(["theme", "check"]).status == 2)
    }
}
