extension Canvas {
    /// Copies the rows of another canvas from `first` on into `area`, as far as both have room.
    package mutating func paste(_ other: Canvas, from first: Int, into area: Rect) {
        let part = clip(area)
        for row in part.row..<part.endRow {
            let source = first + row - area.row
            guard (0..<other.size.rows).contains(source) else { continue }
            for column in part.column..<part.endColumn
            where (0..<other.size.columns).contains(column - area.column) {
                let cell = other[source, column - area.column]
                // Half of a wide grapheme at an edge becomes a blank.
                let isCut =
                    column == part.column && cell.text.isEmpty
                    || column == part.endColumn - 1 && other[source, column - area.column + 1].text.isEmpty
                put(isCut ? " " : cell.text, row: row, column: column, style: cell.style)
            }
        }
    }
}
