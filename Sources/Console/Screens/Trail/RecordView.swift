import Tenancy
import Terminal

/// One audit record to its full detail.
struct RecordView {
    private let record: AuditRecord
    private let top: Int
    private let values: String?

    /// - Parameter values: what came from rows, as far as it was read.
    init(_ record: AuditRecord, top: Int, values: String?) {
        self.record = record
        self.top = top
        self.values = values
    }

    func draw(into canvas: inout Canvas) {
        let area = Self.area(canvas.size)
        canvas.panelBox(area, title: "Record \(DisplayText(record.number))")
        let inner = area.inner
        let lines = Self.lines(of: record, values, in: canvas.size)
        let start = min(top, max(0, lines.count - inner.rows))
        for (offset, line) in lines.dropFirst(start).prefix(inner.rows).enumerated() {
            canvas.write(line.0, row: inner.row + offset, column: inner.column + 1, style: .muted)
            canvas.write(
                line.1, row: inner.row + offset, column: inner.column + 12, width: inner.columns - 13)
        }
        canvas.scrollMark(
            column: area.endColumn - 1, rows: inner.row..<inner.endRow, offset: start, visible: inner.rows,
            total: lines.count)
    }

    /// How far it can be scrolled: until its last line is the last on screen.
    static func last(of record: AuditRecord, _ values: String?, in size: Size) -> Int {
        max(0, lines(of: record, values, in: size).count - area(size).inner.rows)
    }

    private static func area(_ size: Size) -> Rect { size.panel(columns: 90, rows: 20) }

    private static func lines(of record: AuditRecord, _ values: String?, in size: Size) -> [(
        DisplayText, DisplayText
    )] {
        let facts: [(DisplayText, String?)] = [
            ("at", "\(Moment.second(record.at)) \(Moment.zone(record.at)) · \(Moment.iso(record.at))"),
            ("actor", record.actor), ("acting as", record.subject),
            ("action", record.action),
            ("resource", record.resource), ("context", record.context), ("detail", record.detail),
            ("values", record.hasValues ? values ?? "kept apart from the trail" : nil), ("hash", record.hash),
            ("previous", record.previousHash),
        ]
        let width = max(10, area(size).inner.columns - 14)
        var lines: [(DisplayText, DisplayText)] = []
        for (name, value) in facts {
            guard let value, !value.isEmpty else { continue }
            for (index, line) in DisplayText(value).wrapped(to: width).enumerated() {
                lines.append((index == 0 ? name : "", line))
            }
        }
        return lines
    }
}
