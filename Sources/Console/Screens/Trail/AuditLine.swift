import Tenancy
import Terminal

/// One audit record in a line: when, who as whom, what, more about it, number.
struct AuditLine {
    private let record: AuditRecord

    /// How many records of its kind it stands for.
    private let times: Int

    init(_ record: AuditRecord, times: Int = 1) {
        self.record = record
        self.times = times
    }

    private var action: DisplayText {
        DisplayText(record.action) + (times > 1 ? " ×\(String(times))" : "")
    }

    func draw(into canvas: inout Canvas, _ area: Rect, row: Int) {
        let number = DisplayText(record.number)
        let end = area.endColumn - 1
        let clockWidth = 9
        canvas.write(Moment.clock(record.at), row: row, column: area.column + 2, style: .muted)
        var column = area.column + 2 + clockWidth
        let whoWidth = min(30, max(16, area.columns / 5))
        canvas.write(who, row: row, column: column, width: whoWidth)
        column += whoWidth + 1
        let actionWidth = min(24, max(20, area.columns / 6))
        canvas.write(action, row: row, column: column, width: actionWidth, style: style)
        column += actionWidth + 1
        canvas.write(
            about, row: row, column: column, width: max(0, end - number.columns - 1 - column), style: .muted)
        canvas.write(number, row: row, column: end - number.columns, style: .muted)
    }

    var who: DisplayText {
        guard let subject = record.subject, subject != record.actor else { return DisplayText(record.actor) }
        return "\(DisplayText(record.actor)) as \(DisplayText(subject))"
    }

    var about: DisplayText {
        [record.resource, record.detail == "{}" ? nil : record.detail].compactMap { $0 }.reduce(
            into: DisplayText.empty
        ) {
            if !$0.isEmpty { $0 += " " }
            $0 += DisplayText($1)
        }
    }

    var style: Style {
        if record.action.contains("refused") { return Style(.error) }
        if record.action.hasPrefix("impersonation") { return Style(.impersonation) }
        if record.action.hasSuffix(".update") || record.action.hasSuffix(".insert")
            || record.action.hasSuffix(".delete")
        {
            return Style(.warn)
        }
        return Style(.accent)
    }
}

extension TrailScreen {
    /// What the chain looks like among the records read; in words where there are no marks.
    func chain(_ glyphs: Glyphs) -> (text: DisplayText, isBroken: Bool) {
        if let firstBroken {
            let words: DisplayText = glyphs.isASCII ? "chain broken at" : "chain ✗ at"
            return (words + " #\(String(firstBroken))", true)
        }
        guard !records.isEmpty else { return ("", false) }
        let sealed = records.lazy.compactMap(\.seq).max() ?? 0
        let waiting = records.count { !$0.isSealed }
        if waiting > 0 {
            return ("\(Figure.exact(Int(sealed))) records · \(String(waiting)) unsealed", false)
        }
        return ("\(Figure.exact(Int(sealed))) records · chain \(glyphs.isASCII ? "whole" : "✓")", false)
    }
}

extension AuditRecord {
    /// The number, or that it has none yet.
    var number: String { seq.map { "#\($0)" } ?? "unsealed" }
}
