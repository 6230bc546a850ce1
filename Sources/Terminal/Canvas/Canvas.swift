/// A screen's worth of cells that views draw into; it knows nothing of a terminal.
package struct Canvas: Hashable, Sendable {
    package let size: Size
    package private(set) var cells: [Cell]

    package init(size: Size) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        cells = Array(repeating: .blank, count: self.size.columns * self.size.rows)
    }

    /// The whole canvas as a rectangle.
    package var bounds: Rect { Rect(row: 0, column: 0, columns: size.columns, rows: size.rows) }

    /// Writes `text` from (row, column) in at most `width` columns; what does not fit is cut, with `…` when `ellipsis`.
    ///
    /// - Returns: the columns used.
    @discardableResult
    package mutating func write(
        _ text: DisplayText, row: Int, column: Int, width: Int = .max, style: Style = .text,
        ellipsis: Bool = true
    ) -> Int {
        0
    }

    /// Fills a rectangle with one character and style.
    package mutating func fill(_ rect: Rect, _ character: Character = " ", style: Style = .text) {}

    /// Draws a border around `rect` with a title in its top line at the left and another at the right.
    package mutating func box(
        _ rect: Rect, title: DisplayText? = nil, trailing: DisplayText? = nil, style: Style = Style(.border),
        titleStyle: Style = Style(.title)
    ) {}

    /// Gives every cell of `rect` the ground of `role`, keeping its text and colours.
    package mutating func ground(_ rect: Rect, _ role: Role) {}
}
