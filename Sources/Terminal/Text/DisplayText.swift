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
    package init(_ untrusted: String) {
        // The sanitiser replaces this body.
        string = untrusted
        columns = untrusted.count
    }

    package init(stringLiteral value: String) { self.init(value) }

    package static func + (left: DisplayText, right: DisplayText) -> DisplayText {
        DisplayText(left.string + right.string)
    }
}
