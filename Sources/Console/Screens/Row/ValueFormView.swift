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
        let cursor = canvas.writeField(
            form.value, label: DisplayText(form.column.name).truncated(to: 24) + " ", row: inner.row + 1,
            in: inner)
        let null: DisplayText = form.takesNull ? ", empty for NULL" : ""
        let hint = DisplayText(form.column.type) + null + ". The change is recorded in the audit trail."
        canvas.writeFoot(hint, complaint: form.complaint, in: inner)
        return cursor
    }
}
