import Terminal
import Testing

struct ColorTests {
    @Test(arguments: [
        (0x000000, 16), (0xFFFFFF, 231), (0xFF0000, 196), (0x5F87AF, 67), (0x121212, 233), (0x808080, 244),
        (0x12181F, 234), (0xF4A259, 215), (0x8A8A8A, 245),
    ])
    func coloursFallToTheCubeAndTheGreyRamp(value: Int, index: Int) {
        #expect(Paint(RGB(UInt32(value))).number(.indexed) == Int32(index))
    }

    @Test func every256thColourIsItself() throws {
        for index in UInt8(16)...255 {
            let seen = try #require(Paint(RGB(0), indexed: index).appearance(.indexed))
            #expect(Paint(seen).appearance(.indexed) == seen)
        }
    }

    @Test(arguments: [
        (0x000000, 0), (0xFFFFFF, 15), (0xFF0000, 9), (0xC01010, 1), (0x00E0E0, 6), (0x808080, 8),
    ])
    func coloursFallToSixteen(value: Int, index: Int) {
        #expect(Paint(RGB(UInt32(value))).number(.ansi) == Int32(index))
    }

    @Test func depthsDecideWhatIsSent() {
        let paint = Paint(RGB(0xF4A259), indexed: 215, ansi: 3)
        #expect(ColorDepth.allCases.map { paint.number($0) } == [-1, 3, 215, 0xF4A259])
        #expect(ColorDepth.allCases.map { Paint.terminal.number($0) } == [-1, -1, -1, -1])
        #expect(Paint(RGB(0)).number(.direct) == 8)
    }

    @Test func contrastIsThatOfTheStandard() {
        #expect(abs(RGB(0).contrast(with: RGB(0xFFFFFF)) - 21) < 0.001)
        #expect(abs(RGB(0x777777).contrast(with: RGB(0xFFFFFF)) - 4.478) < 0.001)
        #expect(RGB(hex: "#0f8") == RGB(0x00FF88))
        for text in ["", "#", "#12345", "12345678", "#12345g", "#1234567", "blue"] {
            #expect(RGB(hex: text) == nil)
        }
    }

    @Test func wishesForColour() {
        #expect(ColorDepth.wish(option: nil, environment: [:]) == nil)
        #expect(ColorDepth.wish(option: nil, environment: ["NO_COLOR": ""]) == nil)
        #expect(ColorDepth.wish(option: nil, environment: ["NO_COLOR": "1"]) == .mono)
        #expect(ColorDepth.wish(option: "auto", environment: ["NO_COLOR": "1"]) == .mono)
        #expect(ColorDepth.wish(option: "256", environment: ["NO_COLOR": "1"]) == .indexed)
        #expect(ColorDepth.wish(option: "16", environment: [:]) == .ansi)
    }

    @Test func everyRoleThatWarnsReadsWithoutColour() {
        let theme = Theme.standard
        func modifiers(_ style: Style) -> Style.Modifiers { theme.ink(style, .mono).modifiers }
        #expect(modifiers(.text) == [])
        #expect(modifiers(Style(.text, on: .selection)) == .reverse)
        #expect(modifiers(Style(.title)) == .bold)
        #expect(modifiers(Style(.header)) == .underline)
        #expect(modifiers(Style(.countdownCritical)) == [.bold, .reverse])
        #expect(modifiers(Style(.impersonation)).contains(.reverse))
        #expect(theme.ink(Style(.warn), .mono).foreground == -1)
    }

    @Test func textOnAGroundTakesTheGroundsColours() {
        let theme = Theme.standard
        let plain = theme.ink(Style(.text, on: .selection), .indexed)
        #expect(plain.foreground == theme.ink(Style(.selection), .indexed).foreground)
        #expect(plain.background == theme.ink(Style(.selection), .indexed).background)
        let warning = theme.ink(Style(.warn, on: .selection), .indexed)
        #expect(warning.foreground == theme.ink(Style(.warn), .indexed).foreground)
        let lost = theme.ink(Style(.warn, on: .impersonation), .indexed)
        #expect(lost.foreground == theme.ink(Style(.impersonation), .indexed).foreground)
    }
}
