/// Text that is safe to show: nothing in it can move the cursor, reorder a line or take no column by surprise.
///
/// The canvas takes nothing else, so whatever comes from outside passes this gate. Literals in the source count as safe.
package struct DisplayText: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// The text, made of graphemes that take one or two columns each.
    package let string: String
    /// The columns it takes.
    package let columns: Int

    /// Makes text from outside displayable: controls, escape sequences, bidirectional controls, zero-width and broken
    /// characters become visible marks, line breaks become `⏎`.
    ///
    /// Text of more than 65,536 scalars is cut there and ends in `…`.
    package init(_ untrusted: String) {
        let bytes = untrusted.utf8.count
        if bytes <= Sanitizer.scalarLimit, Sanitizer.isPlain(untrusted) {
            self.init(safe: untrusted, columns: bytes)
            return
        }
        var sanitizer = Sanitizer()
        sanitizer.append(untrusted)
        self.init(safe: sanitizer.output, columns: sanitizer.columns)
    }

    package init(stringLiteral value: String) { self.init(value) }

    /// Takes text that has passed the gate already.
    init(safe string: String, columns: Int) {
        self.string = string
        self.columns = columns
    }

    package static let empty = DisplayText(safe: "", columns: 0)

    package var isEmpty: Bool { columns == 0 }

    /// True when each byte is one column.
    ///
    /// No scalar outside ASCII takes as many columns as bytes, so equal sums mean that there is none.
    var isASCII: Bool { string.utf8.count == columns }

    // Text never begins with a combining scalar, so joined texts need no second look.
    package static func + (left: DisplayText, right: DisplayText) -> DisplayText {
        DisplayText(safe: left.string + right.string, columns: left.columns + right.columns)
    }

    package static func += (left: inout DisplayText, right: DisplayText) {
        left = left + right
    }
}
