/// The characters that borders, bars and marks are made of.
package struct Glyphs: Hashable, Sendable {
    package let horizontal: String
    package let vertical: String
    package let topLeft: String
    package let topRight: String
    package let bottomLeft: String
    package let bottomRight: String
    package let ellipsis: DisplayText
    package let full: String
    package let empty: String
    /// Eight heights from low to high.
    package let heights: [String]
    /// A part of a bar, another that is told apart from it without colour, and what lies between stretches of time.
    package let solid: String
    package let shaded: String
    package let dot: String
    /// The end of what goes on.
    package let onward: String
    /// True when nothing but ASCII is drawn.
    package let isASCII: Bool

    package static let unicode = Glyphs(
        horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
        ellipsis: "…", full: "▰", empty: "▱", heights: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        solid: "█", shaded: "▒", dot: "·", onward: "▶", isASCII: false)

    package static let ascii = Glyphs(
        horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
        ellipsis: "~", full: "#", empty: ".", heights: ["_", "_", ".", "-", "-", "=", "=", "#"],
        solid: "#", shaded: "!", dot: ".", onward: ">", isASCII: true)

    /// What an ASCII screen shows for a drawing character or a mark of the gate; nil for any other text.
    package static func asciiStandIn(for text: String) -> String? { standIns[text] }

    private static let standIns: [String: String] = {
        let groups: [(String, String)] = [
            ("-", "─━╌┄–—"), ("|", "│┃▏▕▎"), ("+", "┌┐└┘├┤┬┴┼╭╮╰╯"), ("#", "▰█▓■▪▆▇▊▉"), (".", "▱░▒□▫·•∙▁▂▃"),
            ("=", "═▄▅≡"), ("~", "…≈"), (">", "▸▶►›→▌❯»"), ("<", "◂◀◄‹←«⌫"), ("^", "▴▲↑⌃⇧"), ("v", "▾▼↓⌄"),
            ("*", "●◆★✦"), ("o", "○◇☆◌"), ("x", "✗✘✕×"), ("y", "✓✔"), ("!", "⚠"), ("?", "\u{FFFD}"),
            ("$", "⏎␍␊"), ("@", "⌂"), ("'", "‘’"), ("\"", "“”"),
        ]
        var table: [String: String] = [:]
        for (plain, drawn) in groups {
            for character in drawn { table[String(character)] = plain }
        }
        for value in UInt32(0x2400)...0x2421 {
            if let scalar = Unicode.Scalar(value) { table[String(scalar)] = "?" }
        }
        return table
    }()
}
