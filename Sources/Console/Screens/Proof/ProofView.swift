import Tenancy
import Terminal

/// A proof as a security officer reads it: whether it holds, what the chains say, then each check with its evidence.
struct ProofView {
    static let summaryRows = 4

    private let proof: ProofScreen
    private let state: ConsoleState

    init(_ proof: ProofScreen, state: ConsoleState) {
        self.proof = proof
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let title: DisplayText = "Proof · \(DisplayText(proof.companyName).truncated(to: 40))"
        guard let outcome = proof.outcome else {
            canvas.box(layout.body, title: title, style: state.borderStyle, titleStyle: state.titleStyle)
            drawProgress(into: &canvas, layout.body.inner)
            return nil
        }
        let heading =
            proof.isFiltering || !proof.filter.isEmpty
            ? title + " /" + DisplayText(proof.filter.text) : title
        let number = proof.lines.isEmpty ? 0 : proof.selected + 1
        canvas.box(
            layout.list, title: heading,
            trailing: "\(Figure.exact(number)) of \(Figure.exact(proof.lines.count))",
            style: state.borderStyle, titleStyle: outcome.failed == 0 ? state.titleStyle : Style(.error).bold)
        var inner = layout.list.inner
        drawSummary(outcome, into: &canvas, inner.takeTop(Self.summaryRows))
        let shown = proof.lines.dropFirst(proof.top).prefix(max(0, inner.rows - 1))
        Table(
            columns: [
                Column(title: "HOLDS", width: .fixed(6)),
                Column(title: "CHECK", width: .share(1, least: 26)),
                Column(title: "EVIDENCE", width: .share(2, least: 20)),
            ],
            rows: shown.map(cells), selected: proof.selected - proof.top,
            empty: state.words(forNothingOf: "No check fits", fitting: proof.meaning.text)
        ).draw(into: &canvas, inner)
        if let preview = layout.preview { drawDetail(into: &canvas, preview) }
        guard proof.isFiltering else { return nil }
        let area = layout.list
        FilterHint(meaning: proof.meaning).draw(into: &canvas, area, from: area.column + 2)
        let typed = DisplayText(String(proof.filter.text.prefix(proof.filter.cursor)))
        return Position(
            row: area.row, column: min(area.endColumn - 2, area.column + title.columns + 4 + typed.columns))
    }

    private func cells(_ line: ProofReport.Line) -> [Table.Cell] {
        [
            Table.Cell(line.passed ? "passed" : "FAILED", line.passed ? Style(.ok) : Style(.error).bold),
            Table.Cell(DisplayText(line.id)),
            Table.Cell(DisplayText(line.evidence), line.passed ? .muted : Style(.error)),
        ]
    }

    // MARK: Made

    private func drawSummary(_ outcome: ProofOutcome, into canvas: inout Canvas, _ area: Rect) {
        let tried: DisplayText =
            "\(Figure.exact(outcome.checks)) catalog checks, \(Figure.exact(outcome.probes)) break-ins tried, "
            + "\(Figure.exact(outcome.chains.count)) audit chains."
        var lines: [(DisplayText, Style)] = [
            outcome.failed == 0
                ? ("The isolation holds: " + tried, Style(.ok).bold)
                : (
                    "The isolation is NOT proved: \(Figure.exact(outcome.failed)) of "
                        + "\(Figure.exact(outcome.lines.count)) lines fail, the first ones here.",
                    Style(.error).bold
                )
        ]
        for chain in outcome.chains.prefix(2) {
            let whose: DisplayText = chain.urlID == nil ? "Control trail" : "Audit chain"
            let mark: DisplayText = chain.verdict.isIntact ? "✓" : "✗"
            let record: DisplayText =
                chain.urlID == nil ? "; this proof is #\(String(outcome.record)) in it" : ""
            lines.append(
                (
                    "\(whose) \(mark) \(DisplayText(chain.evidence))" + record,
                    chain.verdict.isIntact ? Style(.ok) : Style(.error)
                ))
        }
        lines.append(
            ("\(command) makes the page for the auditor.", Style(.muted)))
        for (offset, line) in lines.prefix(area.rows).enumerated() {
            canvas.write(
                line.0, row: area.row + offset, column: area.column + 1, width: area.columns - 2,
                style: line.1)
        }
    }

    /// What makes the report as a file.
    private var command: DisplayText {
        "piste prove \(DisplayText(proof.urlID)) --report \(DisplayText(proof.urlID)).html"
    }

    private func drawDetail(into canvas: inout Canvas, _ area: Rect) {
        let line = proof.selectedLine
        canvas.box(
            area, title: line.map { DisplayText($0.id) }, style: state.borderStyle,
            titleStyle: state.titleStyle)
        guard let line else { return }
        let inner = area.inner
        for (offset, text) in EvidenceView.lines(of: line, width: inner.columns - 2).prefix(inner.rows)
            .enumerated()
        {
            canvas.write(
                text.words, row: inner.row + offset, column: inner.column + 1, width: inner.columns - 2,
                style: text.style)
        }
    }

    // MARK: On its way

    private func drawProgress(into canvas: inout Canvas, _ area: Rect) {
        var row = area.row + 1
        func write(_ text: DisplayText, _ style: Style, column: Int = 2) {
            canvas.write(
                text, row: row, column: area.column + column, width: max(0, area.columns - column - 1),
                style: style)
        }
        for line in DisplayText(Claim.words).wrapped(to: min(96, area.columns - 4)) {
            write(line, .muted)
            row += 1
        }
        row += 1
        for (index, step) in proof.steps.enumerated() {
            let isLast = index == proof.steps.count - 1
            let isRunning = isLast && proof.request != nil
            write(mark(isRunning: isRunning, isLast: isLast, ascii: canvas.glyphs.isASCII), Style(.accent))
            write(step.title, isRunning ? Style(.text).bold : .muted, column: 4)
            if let total = step.total {
                write("\(Figure.exact(step.done)) of \(Figure.exact(total))", .muted, column: 31)
                canvas.bar(
                    total == 0 ? 1 : Double(step.done) / Double(total), row: row, column: area.column + 44,
                    width: min(30, max(0, area.columns - 46)))
            }
            row += 1
        }
        if let failure = proof.failure {
            row += 1
            for line in failure.wrapped(to: area.columns - 4) {
                write(line, Style(.error))
                row += 1
            }
            write("\(state.keys.label(of: .refresh)) proves again, esc goes back.", .muted)
        } else {
            row += proof.steps.isEmpty ? 0 : 1
            write(
                "Break-ins start from companies made for it and removed; esc cancels.", .muted
            )
        }
    }

    private func mark(isRunning: Bool, isLast: Bool, ascii: Bool) -> DisplayText {
        if isRunning { return Spinner.picture(since: proof.since, now: state.now, ascii: ascii) ?? "·" }
        return isLast && proof.failure != nil ? "✗" : "✓"
    }
}
