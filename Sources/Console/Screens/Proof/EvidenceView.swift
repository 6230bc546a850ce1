import Tenancy
import Terminal

/// One line of a proof to its full evidence.
struct EvidenceView {
    private let line: ProofReport.Line
    private let top: Int

    init(_ line: ProofReport.Line, top: Int) {
        self.line = line
        self.top = top
    }

    private static func width(_ size: Size) -> Int { max(10, area(size).columns - 4) }

    private static func area(_ size: Size) -> Rect { size.panel(columns: 90, rows: 20) }

    /// How far it can be scrolled: until its last line is the last on screen.
    static func last(of line: ProofReport.Line, in size: Size) -> Int {
        max(0, lines(of: line, width: width(size)).count - area(size).inner.rows)
    }

    func draw(into canvas: inout Canvas) {
        let area = Self.area(canvas.size)
        canvas.panelBox(
            area, title: DisplayText(line.id), trailing: line.passed ? "passed" : "FAILED",
            role: line.passed ? .borderFocus : .error)
        let inner = area.inner
        let lines = Self.lines(of: line, width: Self.width(canvas.size))
        let start = min(top, max(0, lines.count - inner.rows))
        for (offset, text) in lines.dropFirst(start).prefix(inner.rows).enumerated() {
            canvas.write(
                text.words, row: inner.row + offset, column: inner.column + 1, width: inner.columns - 2,
                style: text.style)
        }
        canvas.scrollMark(
            column: area.endColumn - 1, rows: inner.row..<inner.endRow, offset: start, visible: inner.rows,
            total: lines.count)
    }

    /// What must hold, then what shows whether it does.
    static func lines(of line: ProofReport.Line, width: Int) -> [(words: DisplayText, style: Style)] {
        let style = line.passed ? Style(.ok) : Style(.error)
        return DisplayText(line.what).wrapped(to: width).map { ($0, Style(.text).bold) }
            + DisplayText.lines(of: line.evidence).flatMap { $0.wrapped(to: width) }.map { ($0, style) }
    }
}
