import Testing

@testable import Terminal

/// A terminal of eight colours shows everything that one of sixteen does.
struct EightColorTests {
    @Test func nothingIsDrawnInTheColourOfItsOwnGround() throws {
        let library = ThemeLibrary(folders: [themes])
        for name in library.names {
            let theme = try library.theme(named: name)
            for role in Role.allCases {
                for ground in [nil] + Role.allCases.map(Optional.some) {
                    let ink = theme.ink(Style(role, on: ground), .ansi).inEightColors
                    #expect(
                        ink.foreground != ink.background || ink.foreground < 0,
                        "\(name): \(role) on \(ground.map { "\($0)" } ?? "the screen")")
                    #expect(ink.foreground < 8 && ink.background < 8)
                }
            }
        }
    }

    @Test func aGreyFrameOnBlackIsWhite() {
        let ink = Ink(foreground: 8, background: 0, modifiers: [])
        #expect(ink.inEightColors.foreground == 7)
        #expect(Ink(foreground: 15, background: 7, modifiers: []).inEightColors.foreground == 0)
        #expect(Ink(foreground: -1, background: -1, modifiers: []).inEightColors.foreground == -1)
    }
}

private let themes = String(#filePath.dropLast("Tests/TerminalTests/EightColorTests.swift".count)) + "themes"
