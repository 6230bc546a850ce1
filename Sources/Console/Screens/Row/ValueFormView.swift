import Tenancy
import Terminal

/// The form that asks for another value.
struct ValueFormView {
    private let form: ValueForm

    init(_ form: ValueForm) { self.form = form }

    func draw(into canvas: inout Canvas) -> Position? {
        let area = canvas.panel(columns: 70, rows: 7)
        canvas.panelBox(area, title: "Change a value")
        let inner = area.inner
        let label = DisplayText(form.column.name).truncated(to: 24) + " "
        let start = inner.column + 1 + label.columns
        canvas.write(label, row: inner.row + 1, column: inner.column + 1, style: .muted)
        let room = inner.endColumn - 1 - start
        // The end of a long value is what is being typed.
        let before = DisplayText(String(form.value.text.prefix(form.value.cursor)))
        let shift = before.columns >= room ? form.value.cursor - room + 1 : 0
        let shown = DisplayText(String(form.value.text.dropFirst(max(0, shift))))
        canvas.write(shown, row: inner.row + 1, column: start, width: room)
        let null: DisplayText = form.takesNull ? ", empty for NULL" : ""
        let hint = DisplayText(form.column.type) + null + ". The change is recorded in the audit trail."
        let lines = (form.complaint ?? hint).wrapped(to: inner.columns - 2).prefix(2)
        for (offset, line) in lines.enumerated() {
            canvas.write(
                line, row: inner.endRow - lines.count + offset, column: inner.column + 1,
                style: form.complaint == nil ? .muted : Style(.error))
        }
        let cursor = DisplayText(String(form.value.text.prefix(form.value.cursor).dropFirst(max(0, shift))))
        return Position(row: inner.row + 1, column: min(inner.endColumn - 1, start + cursor.columns))
    }
}
