import Tenancy
import Terminal

/// One audit record to its full detail.
struct RecordView {
    private let record: AuditRecord
    private let top: Int

    init(_ record: AuditRecord, top: Int) {
        self.record = record
        self.top = top
    }

    func draw(into canvas: inout Canvas) {
        let area = canvas.panel(columns: 90, rows: 20)
        canvas.panelBox(area, title: "Record #\(String(record.seq))")
        let inner = area.inner
        let facts: [(DisplayText, String?)] = [
            ("at", Moment.iso(record.at)), ("actor", record.actor), ("acting as", record.subject),
            ("action", record.action),
            ("resource", record.resource), ("context", record.context), ("detail", record.detail),
            ("hash", record.hash), ("previous", record.previousHash),
        ]
        var lines: [(DisplayText, DisplayText)] = []
        for (name, value) in facts {
            guard let value, !value.isEmpty else { continue }
            for (index, line) in DisplayText(value).wrapped(to: max(10, inner.columns - 14)).enumerated() {
                lines.append((index == 0 ? name : "", line))
            }
        }
        let start = min(top, max(0, lines.count - inner.rows))
        for (offset, line) in lines.dropFirst(start).prefix(inner.rows).enumerated() {
            canvas.write(line.0, row: inner.row + offset, column: inner.column + 1, style: .muted)
            canvas.write(
                line.1, row: inner.row + offset, column: inner.column + 12, width: inner.columns - 13)
        }
    }
}
