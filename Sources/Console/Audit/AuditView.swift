import Tenancy
import Terminal

/// The audit trail on the whole screen.
struct AuditView {
    private let audit: AuditState
    private let state: ConsoleState

    init(_ audit: AuditState, state: ConsoleState) {
        self.audit = audit
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        let chain = audit.chain
        var title: DisplayText = "Audit trail"
        if audit.isFiltering || !audit.filter.isEmpty { title += " /" + DisplayText(audit.filter.text) }
        canvas.box(
            area, title: title, trailing: audit.mode + chain.text,
            style: state.borderStyle,
            titleStyle: chain.isBroken ? Style(.error).bold : state.titleStyle)
        let inner = area.inner
        let visible = audit.visible
        for (offset, record) in visible.dropFirst(audit.top).prefix(inner.rows).enumerated() {
            let row = inner.row + offset
            AuditLine(record).draw(into: &canvas, inner, row: row)
            if record.seq == audit.selected { canvas.select(row: row, in: inner) }
        }
        if visible.isEmpty {
            let text: DisplayText =
                audit.filter.isEmpty
                ? audit.failure.map { DisplayText($0) } ?? "Reading…"
                : "No record among the \(String(audit.records.count)) read fits; esc clears the filter."
            canvas.write(
                text, row: inner.row + 1, column: inner.column + 2, width: inner.columns - 3, style: .muted)
        }
        guard audit.isFiltering else { return nil }
        FilterHint(meaning: audit.meaning).draw(into: &canvas, area, from: area.column + 2)
        return Position(row: area.row, column: min(area.endColumn - 2, area.column + 3 + title.columns))
    }
}
