import Terminal

/// The columns of a list: on or off, how wide, and which one orders it.
struct ColumnsView {
    private let columns: ColumnsState
    private let state: ConsoleState

    init(_ columns: ColumnsState, state: ConsoleState) {
        self.columns = columns
        self.state = state
    }

    func draw(into canvas: inout Canvas) {
        let all = columns.screen.columns
        let area = canvas.panel(columns: 56, rows: all.count + 2)
        canvas.panelBox(area, title: "Columns", trailing: "kept")
        let inner = area.inner
        let shown = state.lists.tables[columns.screen] ?? TableShown()
        let (name, ascending) = state.orderShown
        let top = Scrolling.top(0, showing: columns.selected, of: all.count, height: inner.rows)
        for (offset, column) in all.enumerated().dropFirst(top).prefix(inner.rows) {
            let row = inner.row + offset - top
            let isOff = shown.hidden.contains(column.title.string)
            let mark: DisplayText = offset == 0 ? "always" : isOff ? "hidden" : "shown"
            let width: DisplayText =
                shown.widths[column.title.string].map { "\(String($0)) wide" } ?? "width by itself"
            canvas.write(column.title, row: row, column: inner.column + 3, width: 14)
            if column.sort == name {
                canvas.write(
                    ascending ? "↑ orders" : "↓ orders", row: row, column: inner.column + 15,
                    style: Style(.accent))
            }
            canvas.write(width, row: row, column: inner.column + 26, style: .muted)
            canvas.write(
                mark, row: row, column: inner.endColumn - 8, style: isOff ? Style(.warn) : .muted)
            if offset == columns.selected { canvas.select(row: row, in: inner) }
        }
    }
}
