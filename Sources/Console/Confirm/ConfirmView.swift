import Terminal

/// A question; the answer that changes nothing is the one in focus.
struct ConfirmView {
    private let confirm: ConfirmState

    private let keys: Keymap

    init(_ confirm: ConfirmState, keys: Keymap) {
        self.confirm = confirm
        self.keys = keys
    }

    func draw(into canvas: inout Canvas) -> Position? {
        let columns = canvas.size.panel(columns: 64, rows: 6).columns
        // Whoever decides reads the whole of it, as far as there is room.
        let most = max(1, (canvas.size.rows - 8) / max(1, confirm.detail.count))
        let detail = confirm.detail.flatMap { $0.wrapped(to: columns - 4).prefix(most) }
        let area = canvas.panel(columns: 64, rows: 6 + detail.count)
        canvas.panelBox(area, title: "Confirm", role: .warn)
        let inner = area.inner
        var row = inner.row
        canvas.write(
            confirm.question, row: row, column: inner.column + 1, width: inner.columns - 2,
            style: Style(.text).bold)
        row += 1
        for line in detail {
            canvas.write(line, row: row, column: inner.column + 1, width: inner.columns - 2, style: .muted)
            row += 1
        }
        row += 1
        if let reason = confirm.reason { return draw(reason, "reason ", row: row, into: &canvas, inner) }
        if let typed = confirm.typed {
            let enter = keys.label(of: .choose, in: .typedName).spelledOut(where: canvas.glyphs)
            let label: DisplayText = "type \(DisplayText(typed.expected).truncated(to: 30)) and \(enter): "
            return draw(typed.field, label, row: row, into: &canvas, inner)
        }
        let (no, yes) = (keys.label(of: .close, in: .question), keys.label(of: .yes))
        canvas.write(
            " \(no.spelledOut(where: canvas.glyphs))  no ", row: row, column: inner.column + 1,
            style: Style(.selection, on: .selection))
        canvas.write(
            " \(yes.spelledOut(where: canvas.glyphs))  yes ", row: row, column: inner.column + 13,
            style: Style(.warn))
        return nil
    }

    private func draw(
        _ field: TextField, _ label: DisplayText, row: Int, into canvas: inout Canvas, _ inner: Rect
    ) -> Position {
        let used = canvas.write(label, row: row, column: inner.column + 1, style: .muted)
        canvas.write(
            DisplayText(field.text), row: row, column: inner.column + 1 + used,
            width: inner.columns - 2 - used)
        let before = DisplayText(String(field.text.prefix(field.cursor)))
        return Position(row: row, column: min(inner.endColumn - 1, inner.column + 1 + used + before.columns))
    }
}
