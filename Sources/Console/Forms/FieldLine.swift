import Terminal

/// What forms with one field have in common.
extension Canvas {
    /// Writes a label and the field behind it, the end of a long text, where it is typed; gives the cursor's place.
    mutating func writeField(_ field: TextField, label: DisplayText, row: Int, in inner: Rect) -> Position {
        let start = inner.column + 1 + label.columns
        write(label, row: row, column: inner.column + 1, style: .muted)
        let room = inner.endColumn - 1 - start
        let isLong = DisplayText(String(field.text.prefix(field.cursor))).columns >= room
        let shift = isLong ? max(0, field.cursor - room + 1) : 0
        write(DisplayText(String(field.text.dropFirst(shift))), row: row, column: start, width: room)
        let before = DisplayText(String(field.text.prefix(field.cursor).dropFirst(shift)))
        return Position(row: row, column: min(inner.endColumn - 1, start + before.columns))
    }

    /// Writes what a form complains of, or else what it says of itself, into its last lines.
    mutating func writeFoot(_ hint: DisplayText, complaint: DisplayText?, in inner: Rect) {
        let lines = (complaint ?? hint).wrapped(to: inner.columns - 2).prefix(2)
        for (offset, line) in lines.enumerated() {
            write(
                line, row: inner.endRow - lines.count + offset, column: inner.column + 1,
                style: complaint == nil ? .muted : Style(.error))
        }
    }
}
