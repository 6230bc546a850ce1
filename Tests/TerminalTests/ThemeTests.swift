import Terminal
import Testing

struct ThemeTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/themes"
    private static let library = ThemeLibrary(folders: [folder])
    private static let builtIn = ThemeLibrary(folders: [])

    @Test func builtInThemesEqualTheirFiles() throws {
        #expect(Self.builtIn.names == ["high-contrast", "piste", "piste-light"])
        for name in Self.builtIn.names {
            let file = try Self.library.theme(named: "\(Self.folder)/\(name).toml")
            #expect(try Self.builtIn.theme(named: name) == file)
            #expect(file.name == name)
        }
        #expect(Theme.standard.name == "piste")
    }

    @Test(arguments: ThemeTests.library.names)
    func shippedThemesAreCompleteAndLegible(name: String) throws {
        let theme = try Self.library.theme(named: name)
        #expect(theme.name == name)
        for depth in [ColorDepth.direct, .indexed] {
            for style in Self.styles {
                let paints = theme.paints(style, depth)
                guard let text = paints.foreground.appearance(depth),
                    let ground = paints.background.appearance(depth)
                else {
                    Issue.record("\(name) leaves \(style) to the terminal")
                    continue
                }
                let needed = Self.contrast(style)
                let contrast = text.contrast(with: ground)
                #expect(contrast >= needed, "\(name): \(style) at \(depth) has \(contrast)")
            }
        }
    }

    /// Every role on the screen, and every role of text on the grounds that rows and banners stand on.
    private static var styles: [Style] {
        let texts = Role.allCases.filter { ![.background, .border].contains($0) }
        let grounds: [Role?] = [nil, .background, .selection, .impersonation]
        return grounds.flatMap { ground in texts.map { Style($0, on: ground) } }
    }

    private static func contrast(_ style: Style) -> Double {
        switch style.role {
        case .muted, .borderFocus, .chart1, .chart2, .chart3, .chart4: 3
        default: 4.5
        }
    }

    @Test func heirsChangeColoursAndRoles() throws {
        let folder = try ThemeFolder([
            "dusk": """
            name = "dusk"
            inherits = "piste"
            [palette]
            ice = "#ABC"
            [styles]
            muted = "default"
            border.focus = { fg = "#010203", modifiers = ["bold", "underline"], mono = ["reverse"] }
            "chart.1" = "ice"
            """
        ])
        let dusk = try folder.library.theme(named: "dusk")
        let parent = try Self.builtIn.theme(named: "piste")
        #expect(dusk.name == "dusk")
        #expect(dusk[.accent].foreground?.rgb == RGB(0xAABBCC))
        #expect(dusk[.chart1].foreground == Paint(RGB(0xAABBCC)))
        #expect(dusk[.muted].foreground == .terminal)
        #expect(dusk[.borderFocus].modifiers == [.bold, .underline])
        #expect(dusk[.borderFocus].mono == .reverse)
        #expect(dusk[.selection] == parent[.selection])
        #expect(folder.library.names == ["dusk", "high-contrast", "piste", "piste-light"])
    }

    @Test(arguments: [
        ("[styles]\nselecton = \"#fff\"", 3, "selecton", "selection"),
        ("[styles]\n\n\"border.fokus\" = \"#fff\"", 4, "border.fokus", "border.focus"),
        ("colours = 1", 2, "colours", nil), ("[pallete]\nx = \"#fff\"", 2, "pallete", "palette"),
        ("[styles]\nmuted = { fgg = \"#fff\" }", 3, "fgg", "fg"),
        ("[palette]\nice = \"#fff\"\n[styles]\nok = \"icy\"", 5, "ok", "ice"),
        ("[palette]\nice = \"blue\"", 3, "ice", nil), ("[styles]\nok = 7", 3, "ok", nil),
        ("[styles]\nok = { fg256 = 256 }", 3, "ok", nil),
        ("[styles]\nok = { fg16 = \"bright-gren\" }", 3, "ok", "bright-green"),
        ("[styles]\nok = { modifiers = [\"boldd\"] }", 3, "ok", "bold"),
        ("[styles]\nok = { modifiers = \"bold\" }", 3, "ok", nil),
        ("inherits = \"pist\"", 2, "inherits", "piste"), ("[styles", 2, nil, nil),
        ("[styles]\nchart.5 = \"#fff\"", 3, "chart.5", "chart.1"),
    ])
    func faultsAreNamed(text: String, line: Int, key: String?, nearest: String?) throws {
        let folder = try ThemeFolder(["bad": "name = \"bad\"\n" + text])
        let error = try #require(throws: ThemeError.self) { try folder.library.theme(named: "bad") }
        #expect(error.file == folder.path + "/bad.toml")
        #expect(error.key == key)
        #expect(error.nearest == nearest)
        // The parser tells lines of syntax; of a dotted key the line may stay unknown.
        #expect(error.line == line || (error.line == nil && key == "chart.5"), "\(error)")
        #expect(error.description.contains("bad.toml"))
    }

    /// A user's own colours stand over every theme; a colour alone leaves the role's other looks.
    @Test func ownColoursStandOverWhateverTheme() throws {
        let text = """
            theme = "nord"
            [colors]
            title = "#102030"
            selection = { bg = "#203040" }
            [profile.prod.colors]
            title = "#405060"
            """
        var library = Self.library
        let common = try ThemeChanges(text, path: ["colors"], file: "config.toml")
        library.changes = common.over(
            with: try ThemeChanges(text, path: ["profile", "prod", "colors"], file: "config.toml"))
        for name in library.names {
            let (plain, changed) = try (Self.library.theme(named: name), library.theme(named: name))
            #expect(changed[.title].foreground?.rgb == RGB(hex: "#405060"))
            #expect(changed[.title].modifiers == plain[.title].modifiers)
            #expect(changed[.title].mono == plain[.title].mono)
            #expect(changed[.selection].background?.rgb == RGB(hex: "#203040"))
            #expect(changed[.selection].foreground == nil)
            for role in Role.allCases where role != .title && role != .selection {
                #expect(changed[role] == plain[role])
            }
        }
        #expect(library.changes.lines.map(\.role) == ["title", "selection"])
        #expect(library.changes.lines.map(\.line) == [6, 4])
        library.changes = try ThemeChanges(
            "[colors]\ntitle = \"glacir\"", path: ["colors"], file: "config.toml")
        let error = #expect(throws: ThemeError.self) { try library.theme(named: "piste") }
        #expect(error?.place == "config.toml:2")
        #expect(error?.nearest == "glacier")
    }

    @Test func inheritanceEnds() throws {
        let folder = try ThemeFolder([
            "a": "name = \"a\"\ninherits = \"b\"", "b": "name = \"b\"\ninherits = \"a\"",
            "self": "name = \"self\"\ninherits = \"self\"",
            "piste": "name = \"piste\"\ninherits = \"piste\"\n[styles]\nok = \"#fff\"",
        ])
        for name in ["a", "b", "self"] {
            let error = try #require(throws: ThemeError.self) { try folder.library.theme(named: name) }
            #expect(error.code == .inheritance)
            #expect(error.key == "inherits")
        }
        #expect(try folder.library.theme(named: "piste")[.ok].foreground?.rgb == RGB(0xFFFFFF))
        #expect(throws: ThemeError.self) { try folder.library.theme(named: "pistee") }
        let unreadable = try ThemeFolder(["bytes": "name = \"x\"\n# \u{0}", "nameless": ""])
        #expect(throws: ThemeError.self) { try unreadable.library.theme(named: "bytes") }
        #expect(throws: ThemeError.self) { try unreadable.library.theme(named: "nameless") }
    }

    @Test func themesAreLookedForInTheUsualPlaces() {
        let library = ThemeLibrary(
            folder: "/one", environment: ["PISTE_THEMES": "/two", "XDG_CONFIG_HOME": "/three", "HOME": "/h"],
            executable: "/opt/piste/bin/piste")
        #expect(
            library.folders == [
                "/one", "/two", "/three/piste/themes", "/opt/piste/bin/themes",
                "/opt/piste/share/piste/themes",
            ])
        let plain = ThemeLibrary(environment: ["HOME": "/h"], executable: nil)
        #expect(plain.folders == ["/h/.config/piste/themes"])
    }
}
