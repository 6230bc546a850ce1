import Terminal

/// The pane at the bottom of every company screen: what the server has committed, newest first.
struct AuditPaneView {
    private let audit: AuditState
    private let company: String
    private let style: Style

    init(_ audit: AuditState, company: String, style: Style) {
        self.audit = audit
        self.company = company
        self.style = style
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let chain = audit.chain
        canvas.box(
            area, title: "Audit trail · \(DisplayText(company).truncated(to: 40))",
            trailing: audit.mode + chain.text, style: style,
            titleStyle: chain.isBroken ? Style(.error).bold : style.ground == nil ? Style(.title) : style)
        let inner = area.inner
        for (offset, record) in audit.records.prefix(inner.rows).enumerated() {
            AuditLine(record).draw(into: &canvas, inner, row: inner.row + offset)
        }
        if audit.records.isEmpty {
            let text: DisplayText = audit.failure.map { DisplayText($0) } ?? "Reading…"
            canvas.write(
                text, row: inner.row, column: inner.column + 2, width: inner.columns - 3, style: .muted)
        }
    }
}
