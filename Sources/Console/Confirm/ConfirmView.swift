import Terminal

/// A question; the answer that changes nothing is the one in focus.
struct ConfirmView {
    private let confirm: ConfirmState

    init(_ confirm: ConfirmState) { self.confirm = confirm }

    func draw(into canvas: inout Canvas) -> Position? {
        let area = canvas.panel(columns: 64, rows: 6 + confirm.detail.count)
        canvas.panelBox(area, title: "Confirm", role: .warn)
        let inner = area.inner
        var row = inner.row
        canvas.write(
            confirm.question, row: row, column: inner.column + 1, width: inner.columns - 2,
            style: Style(.text).bold)
        row += 1
        for line in confirm.detail {
            canvas.write(line, row: row, column: inner.column + 1, width: inner.columns - 2, style: .muted)
            row += 1
        }
        row += 1
        if let reason = confirm.reason {
            let used = canvas.write("reason ", row: row, column: inner.column + 1, style: .muted)
            canvas.write(
                DisplayText(reason.text), row: row, column: inner.column + 1 + used,
                width: inner.columns - 2 - used)
            let before = DisplayText(String(reason.text.prefix(reason.cursor)))
            return Position(
                row: row, column: min(inner.endColumn - 1, inner.column + 1 + used + before.columns))
        }
        canvas.write(
            " esc  no ", row: row, column: inner.column + 1, style: Style(.selection, on: .selection))
        canvas.write(" y  yes ", row: row, column: inner.column + 13, style: Style(.warn))
        return nil
    }
}
