import Terminal

/// One column of a table.
struct Column: Sendable {
    enum Width: Sendable {
        case fixed(Int)
        /// A share of what is left, and the least it is worth showing with.
        case share(Int, least: Int)
    }

    var title: DisplayText
    var width: Width
    /// Columns with a higher number go first when there is no room.
    var priority = 0
    var isRight = false
    /// What the list is ordered by when it is ordered by this column.
    var sort: String?
    var startsAscending = true
}

/// A table inside a box: header, rows, the selection and where the window stands.
struct Table: Sendable {
    struct Cell: Sendable {
        var text: DisplayText
        var style: Style

        init(_ text: DisplayText, _ style: Style = .text) {
            self.text = text
            self.style = style
        }
    }

    /// The column that orders the rows.
    struct Order: Equatable, Sendable {
        var column: Int
        var isAscending: Bool
    }

    var columns: [Column]
    var rows: [[Cell]]
    /// The selected row among `rows`.
    var selected: Int?
    /// The marked rows among `rows`.
    var marks: Set<Int> = []
    /// Which columns are switched off, and how wide the others are.
    var shown = TableShown()
    /// Whether the columns that find no room can be brought on screen.
    var scrolls = false
    /// How many columns after the first are scrolled out of sight.
    var shift = 0
    var order: Order?
    /// What stands in the middle when there is no row.
    var empty: [DisplayText] = []

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0, area.columns > 4 else { return }
        let widths = self.widths(in: area)
        drawHeader(widths, into: &canvas, area)
        if rows.isEmpty {
            for (offset, line) in empty.enumerated() where 2 + offset < area.rows {
                canvas.write(
                    line, row: area.row + 2 + offset, column: area.column + 3, width: area.columns - 4,
                    style: .muted)
            }
            return
        }
        for (offset, cells) in rows.enumerated() where 1 + offset < area.rows {
            let row = area.row + 1 + offset
            let isSelected = offset == selected
            var column = area.column + 3
            for (index, width) in widths.enumerated() where width > 0 {
                write(
                    cells[index], into: &canvas, row: row, column: column, width: width,
                    right: columns[index].isRight)
                column += width + 1
            }
            if marks.contains(offset) {
                canvas.write("●", row: row, column: area.column + 2, style: Style(.accent).bold)
            }
            if isSelected {
                canvas.write("▌", row: row, column: area.column + 1, style: .text)
                let row = Rect(row: row, column: area.column + 1, columns: area.columns - 2, rows: 1)
                canvas.restyle(row) { style in
                    style.ground = .selection
                    if style.role == .text || style.role == .muted { style.role = .selection }
                }
            }
        }
    }

    /// The titles, with an arrow at the one that orders the rows, and marks where more columns lie.
    private func drawHeader(_ widths: [Int], into canvas: inout Canvas, _ area: Rect) {
        var column = area.column + 3
        for (index, width) in widths.enumerated() where width > 0 {
            var title = columns[index].title
            if let order, order.column == index {
                let arrow: DisplayText = order.isAscending ? "↑" : "↓"
                title =
                    title.columns + 2 <= width ? title + " " + arrow : title.truncated(to: width - 1) + arrow
            }
            write(
                Cell(title, Style(.header)), into: &canvas, row: area.row, column: column, width: width,
                right: columns[index].isRight)
            column += width + 1
            if index == 0, shift(in: area) > 0 {
                canvas.write("‹", row: area.row, column: column - 1, style: Style(.accent))
            }
        }
        if scrolls, mostShift(in: area) > shift(in: area) {
            canvas.write("›", row: area.row, column: area.endColumn - 1, style: Style(.accent))
        }
    }

    private func write(
        _ cell: Cell, into canvas: inout Canvas, row: Int, column: Int, width: Int, right: Bool
    ) {
        let shift = right ? max(0, width - cell.text.columns) : 0
        canvas.write(cell.text, row: row, column: column + shift, width: width - shift, style: cell.style)
    }
}
