import Tenancy
import Terminal

/// The pane at the bottom of every company screen: what the server has committed, newest first.
struct AuditPaneView {
    private let audit: TrailScreen
    private let company: String
    private let style: Style

    init(_ audit: TrailScreen, company: String, style: Style) {
        self.audit = audit
        self.company = company
        self.style = style
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let chain = audit.chain(canvas.glyphs)
        canvas.box(
            area, title: "Audit trail · \(DisplayText(company).truncated(to: 40))",
            trailing: audit.mode + chain.text, style: style,
            titleStyle: chain.isBroken ? Style(.error).bold : style.ground == nil ? Style(.title) : style)
        let inner = area.inner
        for (offset, folded) in audit.folded.prefix(inner.rows).enumerated() {
            AuditLine(folded.record, times: folded.count).draw(into: &canvas, inner, row: inner.row + offset)
        }
        if audit.records.isEmpty {
            let text: DisplayText = audit.failure.map { DisplayText($0) } ?? "Reading…"
            canvas.write(
                text, row: inner.row, column: inner.column + 2, width: inner.columns - 3, style: .muted)
        }
    }
}

extension TrailScreen {
    /// The newest records, reads of one kind that follow each other as one line: looking around fills no pane.
    var folded: [(record: AuditRecord, count: Int)] {
        records.reduce(into: []) { lines, record in
            if let last = lines.last, record.folds(with: last.record) {
                lines[lines.count - 1].count += 1
            } else {
                lines.append((record, 1))
            }
        }
    }
}

extension AuditRecord {
    /// Whether it is one more read of what another one read.
    fileprivate func folds(with newer: AuditRecord) -> Bool {
        action.hasSuffix(".read") && action == newer.action && actor == newer.actor
            && subject == newer.subject
            && resource == newer.resource && isSealed == newer.isSealed
    }
}
