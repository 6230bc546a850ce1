/// One place of the canvas: a grapheme (its first scalar and at most four zero-width ones) and its style.
package struct Cell: Hashable, Sendable {
    /// The text to show; empty in the right half of a wide grapheme.
    package var text: String
    package var style: Style

    package init(_ text: String, _ style: Style) {
        self.text = text
        self.style = style
    }

    package static let blank = Cell(" ", .text)
}
