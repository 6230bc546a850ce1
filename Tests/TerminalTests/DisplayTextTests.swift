import Terminal
import TestSupport
import Testing

struct DisplayTextTests {
    @Test(arguments: [
        ("Ada", 3), ("", 0), ("Zürich", 6), ("e\u{301}te\u{301}", 3), ("滑雪", 4), ("한국", 4), ("ﾊﾝｶｸ", 4),
        ("😀", 2), ("Привет", 6), ("שלום", 4), ("नमस्ते", 4), ("▰▱ ⏎", 4), ("ａ", 2), ("\u{1100}\u{1161}", 2),
    ])
    func ordinaryTextKeepsItsFormAndWidth(text: String, columns: Int) {
        let shown = DisplayText(text)
        #expect(Array(shown.string.unicodeScalars) == Array(text.unicodeScalars))
        #expect(shown.columns == columns)
    }

    @Test(arguments: [
        ("\u{1B}[31mred", "␛[31mred"), ("a\u{0}b\u{7}c\u{7F}", "a␀b␇c␡"), ("one\ntwo\r\n", "one⏎two␍⏎"),
        ("tab\there", "tab␉here"), ("\u{85}\u{2028}\u{2029}", "⏎⏎⏎"), ("c1\u{9B}31m", "c1�31m"),
        ("evil\u{202E}txt.exe", "evil�txt.exe"), ("\u{2066}x\u{2069}\u{200E}\u{200F}\u{61C}", "�x����"),
        ("pay\u{200B}pal\u{2060}\u{FEFF}\u{AD}", "pay�pal���"), ("\u{E0041}\u{E007F}", "��"),
        ("\u{FFF9}a\u{FFFB}", "�a�"), ("\u{E000}\u{F8FF}\u{10FFFD}", "���"), ("\u{378}\u{E0080}", "��"),
        ("\u{115F}\u{3164}\u{FFA0}\u{180E}", "����"), ("\u{301}", "◌\u{301}"), ("a\u{FE0E}\u{FE01}", "a��"),
        ("👨\u{200D}👩\u{200D}👧", "👨👩👧"), ("❤\u{FE0F}", "❤"), ("👍🏽", "👍"), ("🇨🇭", "CH"),
        ("葛\u{E0100}城", "葛城"), ("葛\u{E0100}\u{E0101}", "葛�"),
    ])
    func hostileTextBecomesVisible(text: String, expected: String) {
        #expect(Array(DisplayText(text).string.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func brokenUTF8BecomesReplacementMarks() {
        let shown = DisplayText(String(decoding: [0x61, 0xFF, 0xC3, 0x28, 0x80], as: UTF8.self))
        #expect(shown.string == "a��(�")
        #expect(shown.columns == 5)
    }

    @Test func piledCombiningMarksAreThinnedOut() {
        let shown = DisplayText("Z" + String(repeating: "\u{33F}", count: 500) + "algo")
        #expect(shown.string.unicodeScalars.count == 9)
        #expect(shown.columns == 5)
    }

    @Test func anyInputGivesPrintableCellsThatAddUp() {
        var random = SplitMix(seed: 847_000)
        for round in 0..<3_000 {
            let scalars = (0..<Int.random(in: 0...24, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...(round % 2 == 0 ? 0x10FFFF : 0x3FFF), using: &random))
            }
            let bytes = (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
            var untrusted = String(decoding: bytes, as: UTF8.self)
            untrusted.unicodeScalars.append(contentsOf: scalars)
            let shown = DisplayText(untrusted)
            let isSafe = shown.string.unicodeScalars.allSatisfy(Self.isPrintable)
            #expect(isSafe, "\(Array(untrusted.unicodeScalars))")
            var canvas = Canvas(size: Size(columns: 80, rows: 1))
            let used = canvas.write(shown, row: 0, column: 0)
            #expect(used == shown.columns)
            #expect(canvas.cells.prefix(used).map(\.text).joined() == shown.string)
            #expect(canvas.cells.allSatisfy { $0.text.unicodeScalars.count <= 5 })
            let cut = shown.truncated(to: Int.random(in: 0...30, using: &random))
            #expect(DisplayText(cut.string).columns == cut.columns)
        }
    }

    @Test(arguments: 0...30)
    func cutTextFitsItsWidth(width: Int) {
        let text: DisplayText = "Ada 滑雪 e\u{301}te\u{301} 😀😀 \u{1B}[0m"
        #expect(text.prefix(columns: width).columns <= width)
        #expect(text.truncated(to: width).columns <= width)
        #expect(text.padded(to: width).columns == width)
    }

    @Test func hugeTextIsCut() {
        for unit in ["a", "é", "\u{301}", "\u{200D}", "\u{1B}", "滑"] {
            let huge = String(repeating: unit, count: 10_000_000 / unit.utf8.count)
            let shown = DisplayText(huge)
            #expect(shown.string.utf8.count < 300_000)
            #expect(shown.string.unicodeScalars.last == "…")
        }
    }

    @Test func textIsPaddedAndAligned() {
        #expect(DisplayText("雪").padded(to: 4).string == "雪  ")
        #expect(DisplayText("雪").padded(to: 4, .right).string == "  雪")
        #expect(DisplayText("ab").padded(to: 5, .center).string == " ab  ")
        #expect(DisplayText("Lovelace").padded(to: 5).string == "Love…")
        #expect(DisplayText("雪雪").padded(to: 2).string == "… ")
    }

    @Test func linesAndWords() {
        #expect(DisplayText.lines(of: "a\r\nb\u{1B}\n\nc").map(\.string) == ["a", "b␛", "", "c"])
        #expect(DisplayText.lines(of: "a\nb\nc", limit: 2).map(\.string) == ["a", "b"])
        let wrapped = DisplayText("the context of this company ended 12345678901").wrapped(to: 10)
        #expect(
            wrapped.map(\.string) == ["the", "context of", "this", "company", "ended", "1234567890", "1"])
        #expect(DisplayText("雪雪雪").wrapped(to: 1).isEmpty)
    }

    @Test(
        arguments: ["plain  text, with  blanks", "Zürich 滑雪 и ещё", "abcdefgh", "e\u{301}te\u{301} ﾊﾝｶｸ"],
        2...9)
    func cuttingKeepsEveryCharacterAndEveryBlank(text: String, width: Int) {
        let whole = DisplayText(text)
        let lines = whole.cut(to: width)
        #expect(lines.map(\.string).joined() == whole.string)
        #expect(lines.allSatisfy { $0.columns <= width && $0.columns == DisplayText($0.string).columns })
        #expect(lines.dropLast().allSatisfy { $0.columns >= width - 1 })
        #expect(whole.cut(to: width, limit: 2).count == min(2, lines.count))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            false
        default:
            scalar.value != 0x200D && scalar.value != 0xFE0F
        }
    }
}
