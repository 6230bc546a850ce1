import Testing
import Text

/// The one table of characters that nobody sees, or that a terminal would obey.
struct HazardTests {
    /// Every character that Unicode lets a terminal leave undrawn is written as its number, letters and marks among them.
    @Test func nothingInvisiblePasses() {
        var seen = 0
        for value in UInt32(0)...0xE0FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isUnseen =
                scalar.properties.isDefaultIgnorableCodePoint
                || [.control, .format, .lineSeparator, .paragraphSeparator].contains(
                    scalar.properties.generalCategory)
            guard isUnseen else { continue }
            seen += 1
            if !JSONText.isHazardous(scalar) { Issue.record("U+\(String(value, radix: 16)) passes") }
        }
        #expect(seen > 4000)
        // A filler that is a letter, one that is a mark, and a joiner that draws nothing.
        for scalar: Unicode.Scalar in ["\u{3164}", "\u{115F}", "\u{034F}"] {
            #expect(JSONText.quoted("a\(scalar)b").utf8.allSatisfy { $0 < 0x80 })
            #expect(JSONText.harmless("{\"a\": \"\(scalar)\"}").utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func whatIsSeenStaysAsItIs() {
        let text = "Zoë 北海道 محمد a̋ 🙂 “quoted”"
        #expect(JSONText.quoted(text) == "\"\(text)\"")
        #expect(JSONText.harmless("{\"a\": \"\(text)\"}") == "{\"a\": \"\(text)\"}")
    }
}
