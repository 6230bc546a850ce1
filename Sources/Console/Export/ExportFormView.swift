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
        let cursor = canvas.writeField(form.name, label: "file ", row: inner.row + 2, in: inner)
        canvas.write(
            form.format == .csv
                ? "CSV, for you alone to read; its cells are exact."
                : "JSON, for you alone to read.",
            row: inner.row + 3, column: inner.column + 1, width: inner.columns - 2, style: .muted)
        canvas.writeFoot(
            form.source.isOfCompanies
                ? "The export is recorded in the control trail first."
                : "Every page read for it is recorded in the audit trail.", complaint: form.complaint,
            in: inner)
        return cursor
    }
}
