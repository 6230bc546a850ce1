import Terminal

/// The columns of a list, each on or off.
struct ColumnsView {
    private let columns: ColumnsState
    private let state: ConsoleState

    init(_ columns: ColumnsState, state: ConsoleState) {
        self.columns = columns
        self.state = state
    }

    func draw(into canvas: inout Canvas) {
        let all = columns.screen.columns
        let area = canvas.panel(columns: 40, rows: all.count + 2)
        canvas.panelBox(area, title: "Columns")
        let inner = area.inner
        let off = state.columnsOff[columns.screen] ?? []
        for (offset, column) in all.enumerated() where offset < inner.rows {
            let row = inner.row + offset
            let isOff = off.contains(column.title.string)
            let mark: DisplayText = offset == 0 ? "always" : isOff ? "hidden" : "shown"
            canvas.write(column.title, row: row, column: inner.column + 3, width: inner.columns - 14)
            canvas.write(
                mark, row: row, column: inner.endColumn - 8, style: isOff ? Style(.warn) : .muted)
            if offset == columns.selected { canvas.select(row: row, in: inner) }
        }
    }
}
