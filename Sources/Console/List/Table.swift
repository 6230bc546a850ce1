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

    var columns: [Column]
    var rows: [[Cell]]
    /// The selected row among `rows`.
    var selected: Int?
    /// The marked rows among `rows`.
    var marks: Set<Int> = []
    /// The titles of columns that are switched off.
    var off: Set<String> = []
    /// What stands in the middle when there is no row.
    var empty: [DisplayText] = []

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard area.rows > 0, area.columns > 4 else { return }
        let widths = self.widths(in: area.columns - 3)
        var column = area.column + 3
        for (index, width) in widths.enumerated() where width > 0 {
            write(
                Cell(columns[index].title, Style(.header)), into: &canvas, row: area.row, column: column,
                width: width,
                right: columns[index].isRight)
            column += width + 1
        }
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
                canvas.write("▌", row: row, column: area.column + 1, style: Style(.accent))
                // Only as far as the name: two whole rows in another ground would cost a slow link more than
                // everything else that a movement changes.
                let first = widths.first { $0 > 0 } ?? 0
                canvas.restyle(Rect(row: row, column: area.column + 1, columns: first + 2, rows: 1)) {
                    style in
                    style.ground = .selection
                    if style.role == .text || style.role == .muted { style.role = .selection }
                }
            }
        }
    }

    /// The titles of the columns that find no room in `area`.
    func hidden(in area: Rect) -> Set<String> {
        let widths = self.widths(in: area.columns - 3)
        return Set(columns.indices.filter { widths[$0] == 0 }.map { columns[$0].title.string })
    }

    private func write(
        _ cell: Cell, into canvas: inout Canvas, row: Int, column: Int, width: Int, right: Bool
    ) {
        let shift = right ? max(0, width - cell.text.columns) : 0
        canvas.write(cell.text, row: row, column: column + shift, width: width - shift, style: cell.style)
    }

    /// The width of each column; 0 for one that found no room.
    private func widths(in total: Int) -> [Int] {
        var shown = Set(columns.indices.filter { !off.contains(columns[$0].title.string) })
        while needed(shown) > total,
            let victim = shown.max(by: { columns[$0].priority < columns[$1].priority }),
            columns[victim].priority > 0
        {
            shown.remove(victim)
        }
        let shares = shown.reduce(0) { sum, index in
            if case .share(let share, _) = columns[index].width { sum + share } else { sum }
        }
        let spare = max(0, total - needed(shown))
        return columns.indices.map { index in
            guard shown.contains(index) else { return 0 }
            switch columns[index].width {
            case .fixed(let width): return width
            case .share(let share, let least): return least + (shares == 0 ? 0 : spare * share / shares)
            }
        }
    }

    private func needed(_ shown: Set<Int>) -> Int {
        shown.reduce(0) { sum, index in
            switch columns[index].width {
            case .fixed(let width): sum + width + 1
            case .share(_, let least): sum + least + 1
            }
        }
    }
}
