import Terminal

/// The form that asks where an export goes.
struct ExportFormView {
    private let form: ExportForm

    init(_ form: ExportForm) { self.form = form }

    func draw(into canvas: inout Canvas) -> Position? {
        let area = canvas.panel(columns: 70, rows: 8)
        canvas.panelBox(area, title: "Export")
        let inner = area.inner
        canvas.write(form.what, row: inner.row, column: inner.column + 1, width: inner.columns - 2)
        let label: DisplayText = "file "
        let start = inner.column + 1 + label.columns
        canvas.write(label, row: inner.row + 2, column: inner.column + 1, style: .muted)
        let room = inner.endColumn - 1 - start
        // The end of a long name is what is being typed.
        let before = DisplayText(String(form.name.text.prefix(form.name.cursor)))
        let shift = before.columns >= room ? form.name.text.prefix(form.name.cursor).count - room + 1 : 0
        let shown = DisplayText(String(form.name.text.dropFirst(max(0, shift))))
        canvas.write(shown, row: inner.row + 2, column: start, width: room)
        canvas.write(
            form.format == .csv
                ? "CSV, for you alone to read; its cells are exact."
                : "JSON, for you alone to read.",
            row: inner.row + 3, column: inner.column + 1, width: inner.columns - 2, style: .muted)
        let words =
            form.complaint
            ?? (form.source.isOfCompanies
                ? "The export is recorded in the control trail first."
                : "Every page read for it is recorded in the audit trail.")
        let lines = words.wrapped(to: inner.columns - 2).prefix(2)
        for (offset, line) in lines.enumerated() {
            canvas.write(
                line, row: inner.endRow - lines.count + offset, column: inner.column + 1,
                style: form.complaint == nil ? .muted : Style(.error))
        }
        let cursor = DisplayText(String(form.name.text.prefix(form.name.cursor).dropFirst(max(0, shift))))
        return Position(row: inner.row + 2, column: min(inner.endColumn - 1, start + cursor.columns))
    }
}
