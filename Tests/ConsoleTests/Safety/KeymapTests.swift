import Terminal
import Testing

@testable import Console

/// Keys that the user changed: where they hold, what they may not be, and hands that know emacs.
struct KeymapTests {
    private func change(_ command: String, _ keys: String..., line: Int = 3) -> Keymap.Change {
        Keymap.Change(command: command, keys: keys, place: "config.toml:\(line)")
    }

    private func fault(_ changes: Keymap.Change...) throws -> Keymap.Fault {
        try #require(throws: Keymap.Fault.self) { try Keymap(preset: "vi", changes: changes) }
    }

    @Test func aChangedKeyWorksAndTheOldOneDoesNot() throws {
        let driver = Driver()
        driver.answerCompanies()
        driver.state.keys = try Keymap(preset: "vi", changes: [change("filter", "F3", "^o")])
        driver.press(.character("/"))
        #expect(!driver.state.companies.list.isFiltering)
        driver.press(.function(3))
        #expect(driver.state.companies.list.isFiltering)
        #expect(driver.frame.contains("keep the filter"))
    }

    @Test func helpBottomLineAndOverlaysFollow() throws {
        let driver = Driver.inside(columns: 200)
        driver.state.keys = try Keymap(
            preset: "vi", changes: [change("filter", "F3"), change("help", "F1"), change("down", "J")])
        #expect(driver.frame.contains("F3 filter"))
        #expect(driver.frame.contains("F1 help"))
        driver.press(.function(1))
        #expect(driver.frame.contains("F3  "))
        #expect(!driver.frame.contains("↓ j ^n"))
        driver.press(.character("J"), .character("J"))
        #expect(driver.state.overlays == [.help(HelpState(top: 2))])
    }

    @Test func aCommandWithoutAKeyIsInThePaletteStill() throws {
        let driver = Driver.inside(columns: 200)
        driver.state.keys = try Keymap(preset: "vi", changes: [change("themes")])
        driver.press(.character("T"))
        #expect(driver.state.overlays.isEmpty)
        driver.press(.character("?"))
        #expect(!driver.frame.contains("Choose a theme"))
        driver.press(.escape, .character(":"))
        driver.type("themes")
        driver.press(.enter)
        guard case .themes = driver.state.overlays.last else {
            Issue.record("the picker is not open: \(driver.frame)")
            return
        }
    }

    @Test func twoCommandsForOneKeyAreNamedWithTheirLines() throws {
        let shipped = try fault(change("copy", "j", line: 7))
        #expect(shipped.place == "config.toml:7")
        #expect(shipped.what.contains("j would be both copy and down"))
        let both = try fault(change("copy", "K", line: 7), change("refresh", "K", line: 9))
        #expect(both.place == "config.toml:7")
        #expect(both.what.contains("copy and refresh (config.toml:9)"))
        let hidden = try fault(change("quit", "x"))
        #expect(hidden.what.contains("x would be both quit and export"))
        // A key that was given up is free.
        let moved = try Keymap(preset: "vi", changes: [change("down", "J"), change("copy", "j")])
        #expect(moved.command(for: .character("j"), in: .companies) == .copy)
    }

    @Test func theLaterChangeOfACommandCounts() throws {
        let map = try Keymap(preset: "vi", changes: [change("copy", "K"), change("copy", "Y")])
        #expect(map.command(for: .character("K"), in: .users) == nil)
        #expect(map.command(for: .character("Y"), in: .users) == .copy)
    }

    @Test func unknownCommandsAndKeysAreNamedWithTheNearest() throws {
        #expect(try fault(change("filtr", "x")).remedy == "did you mean \"filter\"?")
        #expect(try fault(change("filter", "pageupp")).remedy == "did you mean \"pageup\"?")
        #expect(try fault(change("filter", "^c")).what.contains("^c always cancels"))
    }

    @Test func keysAreReadAsPeopleWriteThem() {
        let written: [(String, Key)] = [
            ("x", .character("x")), ("^x", .control("x")), ("C-x", .control("x")), ("ctrl-X", .control("x")),
            ("M-x", .alt("x")), ("alt-<", .alt("<")), ("F12", .function(12)), ("space", .character(" ")),
            ("PageUp", .pageUp), ("^i", .tab), ("^m", .enter), ("é", .character("é")), ("^", .character("^")),
        ]
        for (name, key) in written { #expect(Key(name: name) == key, "\(name)") }
        for name in ["", " ", "^", "F0", "F99", "M-", "xx", "^xy"] where name != "^" {
            #expect(Key(name: name) == nil, "\(name)")
        }
    }

    @Test func whatIsListedCanBeWritten() throws {
        for map in [Keymap.standard, .emacs] {
            for (line, binding) in zip(map.lines, map.bindings) {
                #expect(line.keys.map { Key(name: $0) } == binding.keys, "\(line)")
                #expect(!line.screens.isEmpty)
            }
        }
        // All of it written into a file is the table again, for commands that have the same keys everywhere.
        let same = Dictionary(grouping: Keymap.standard.lines, by: \.command).values.filter { lines in
            Set(lines.map(\.keys)).count == 1
        }
        #expect(same.count > 30)
        let changes = same.compactMap(\.first).map {
            Keymap.Change(command: $0.command, keys: $0.keys, place: "config.toml:1")
        }
        #expect(try Keymap(preset: "vi", changes: changes) == .standard)
    }

    @Test func everyCommandHasAName() {
        #expect(Command.halfPageDown.name == "half_page_down")
        #expect(Set(Command.allCases.map(\.name)).count == Command.allCases.count)
    }

    // MARK: Emacs

    @Test func emacsKeysWorkBesideThoseOfVi() {
        let driver = Driver(columns: 80, rows: 24)
        driver.answerCompanies(Fixture.manyCompanies(0..<50))
        driver.press(.control("n"), .control("n"), .control("p"))
        #expect(driver.state.companies.list.selectedNumber == 2)
        driver.press(.control("v"))
        let paged = driver.state.companies.list.selectedNumber ?? 0
        #expect(paged > 10)
        driver.press(.alt("v"))
        #expect(driver.state.companies.list.selectedNumber == 2)
        driver.press(.alt(">"))
        #expect(driver.state.companies.list.selectedNumber == 50)
        driver.press(.alt("<"))
        #expect(driver.state.companies.list.selectedNumber == 1)
        driver.press(.control("s"))
        #expect(driver.state.companies.list.isFiltering)
        driver.press(.control("g"))
        #expect(!driver.state.companies.list.isFiltering)
        driver.press(.character("?"), .control("g"))
        #expect(driver.state.overlays.isEmpty)
    }

    @Test func theEmacsTableGivesEmacsWhatViClaims() {
        let map = Keymap.emacs
        #expect(map.command(for: .control("f"), in: .companies) == .scrollRight)
        #expect(map.command(for: .control("b"), in: .users) == .scrollLeft)
        #expect(map.command(for: .control("d"), in: .companies) == nil)
        #expect(map.command(for: .control("a"), in: .companies) == .first)
        #expect(map.command(for: .alt("x"), in: .user) == .palette)
        #expect(map.command(for: .alt("w"), in: .user) == .copy)
        #expect(map.command(for: .character("j"), in: .companies) == .down)
    }

    @Test func altThatMeansNothingIsAnEscapeAndAKey() {
        let driver = Driver.inside()
        driver.press(.alt("?"))
        #expect(driver.state.context == nil)
        #expect(driver.state.overlays == [.help(HelpState())])
    }

    // MARK: Lines of text

    @Test func theUsualKeysEditALine() {
        var field = TextField("one two three")
        func take(_ keys: Key...) {
            for key in keys {
                let isTaken = field.take(key)
                #expect(isTaken)
            }
        }
        take(.alt("b"), .alt("b"))
        #expect(field.cursor == 4)
        take(.alt("d"))
        #expect(field.text == "one  three")
        take(.control("k"))
        #expect(field.text == "one ")
        take(.control("a"), .control("d"))
        #expect(field.text == "ne ")
        take(.alt("f"), .character("!"))
        #expect(field.text == "ne! ")
        take(.control("e"), .alt("\u{7F}"))
        #expect(field.text == "")
        field = TextField("a b")
        take(.control("w"), .control("u"))
        #expect(field.text == "")
        let isTaken = field.take(.alt("q"))
        #expect(!isTaken)
    }

    /// Option and a letter is typed by accident on many keyboards; a reason that is half written is not lost by it.
    @Test(arguments: [Key.alt("."), .alt("y"), .alt("q"), .alt("x"), .alt("?")])
    func anAltKeyThatALineDoesNotKnowDoesNothing(key: Key) {
        let form = Driver.inside()
        form.press(.character("i"))
        form.type("cannot finish")
        let filter = Driver.inside()
        filter.press(.character("/"))
        filter.type("ada")
        let palette = Driver.inside()
        palette.press(.character(":"))
        palette.type("comp")
        for driver in [form, filter, palette] {
            _ = driver.takeEffects()
            let before = driver.state
            driver.press(key)
            #expect(driver.state.overlays == before.overlays)
            #expect(driver.state.context?.users.filter == before.context?.users.filter)
            #expect(driver.state.scope == before.scope)
            #expect(driver.takeEffects() == [])
        }
    }

    @Test func altBackspaceEditsAFormInsteadOfClosingIt() {
        let driver = Driver.inside()
        driver.press(.character("i"))
        driver.type("cannot finish")
        driver.press(.alt("\u{7F}"))
        guard case .impersonation(let form) = driver.state.overlays.last else {
            Issue.record("the form is gone")
            return
        }
        #expect(form[.reason].text == "cannot ")
    }
}
