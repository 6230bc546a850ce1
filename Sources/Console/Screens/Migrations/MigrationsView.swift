import Tenancy
import Terminal

/// Where every company stands on its way to the newest blueprint.
struct MigrationsView {
    static let columns = [
        Column(title: "COMPANY", width: .share(2, least: 16)),
        Column(title: "BLUEPRINT", width: .fixed(9)),
        Column(title: "STATE", width: .fixed(8)),
        Column(title: "TOOK", width: .fixed(8), priority: 1, isRight: true),
        Column(title: "TRIED", width: .fixed(5), priority: 2, isRight: true),
        Column(title: "WHEN", width: .fixed(16), priority: 3),
        Column(title: "ERROR", width: .share(3, least: 18)),
    ]

    static let summaryRows = 2

    private let screen: MigrationsScreen
    private let state: ConsoleState

    init(_ screen: MigrationsScreen, state: ConsoleState) {
        self.screen = screen
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        var box = ListBox(screen.list, area: layout.list, state: state)
        box.title = "Migrations"
        box.total = screen.listed.map { Figure.exact($0) }
        let cursor = box.drawFrame(into: &canvas)
        var inner = box.inner
        drawSummary(into: &canvas, inner.takeTop(Self.summaryRows))
        let shown = screen.list.rows.dropFirst(screen.list.top).prefix(max(0, inner.rows - 1))
        var table = state.table(.migrations)
        table.rows = shown.map(cells)
        table.selected = box.selectedOffset(screen.list)
        table.empty = empty
        table.draw(into: &canvas, inner)
        if let preview = layout.preview { drawDetail(into: &canvas, preview) }
        return cursor
    }

    // MARK: The fleet

    private func drawSummary(into canvas: inout Canvas, _ area: Rect) {
        guard let newest = screen.newest, screen.companies > 0 else { return }
        let done = screen.count(.done)
        let line: DisplayText =
            "\(Figure.exact(done)) of \(Figure.exact(screen.companies)) companies have blueprint \(String(newest))"
        let used = canvas.write(
            line, row: area.row, column: area.column + 1, width: area.columns - 2,
            style: done == screen.companies ? Style(.ok) : .text)
        let share = "\(done * 100 / screen.companies)%"
        let barStart = area.column + used + 3
        let barWidth = min(40, area.endColumn - barStart - share.count - 2)
        if barWidth >= 5 {
            canvas.bar(
                Double(done) / Double(screen.companies), row: area.row, column: barStart, width: barWidth,
                style: Style(.chart1))
            canvas.write(
                DisplayText(share), row: area.row, column: barStart + barWidth + 1, style: .muted)
        }
        guard area.rows > 1 else { return }
        var column = area.column + 1
        for choice in screen.choices {
            let name: DisplayText = choice.map { DisplayText($0.rawValue) } ?? "all"
            let count = choice.map(screen.count) ?? screen.companies
            let isShown = choice == screen.shown
            let text: DisplayText =
                isShown ? "[\(name) \(Figure.exact(count))]" : " \(name) \(Figure.exact(count)) "
            column += canvas.write(
                text, row: area.row + 1, column: column, width: area.endColumn - column - 1,
                style: isShown ? Style(.accent).bold : choice?.style ?? .muted)
        }
    }

    // MARK: One company

    private func cells(_ company: CompanyMigration) -> [Table.Cell] {
        [
            Table.Cell(DisplayText(company.urlID)),
            Table.Cell(versions(company), .muted),
            Table.Cell(DisplayText(company.state.rawValue), company.state.style),
            Table.Cell(company.milliseconds.map(Self.duration) ?? "–", .muted),
            Table.Cell(company.attempts.map { "\(String($0))×" } ?? "–", .muted),
            Table.Cell(company.startedAt.map(Moment.minute) ?? "–", .muted),
            Table.Cell(error(company) ?? "–", company.failure == nil ? .muted : company.state.style),
        ]
    }

    private func versions(_ company: CompanyMigration) -> DisplayText {
        company.version == company.target
            ? DisplayText(String(company.version)) : "\(String(company.version)) → \(String(company.target))"
    }

    private func error(_ company: CompanyMigration) -> DisplayText? {
        company.failure.map { "\(DisplayText($0.sqlState)) \(DisplayText($0.message))" }
    }

    /// `840 ms`, `12.3 s`, `4 min`.
    static func duration(_ milliseconds: Int) -> DisplayText {
        switch milliseconds {
        case ..<1000: "\(String(max(0, milliseconds))) ms"
        case ..<60_000: "\(String(milliseconds / 1000)).\(String(milliseconds % 1000 / 100)) s"
        default: Moment.span(Double(milliseconds) / 1000)
        }
    }

    private func drawDetail(into canvas: inout Canvas, _ area: Rect) {
        let company = screen.list.selected
        canvas.box(
            area, title: company.map { DisplayText($0.urlID) } ?? "Company", style: state.borderStyle,
            titleStyle: state.titleStyle)
        guard let company else { return }
        let inner = area.inner
        var lines: [(DisplayText, Style)] = [(company.state.meaning(company), company.state.style)]
        if let started = company.startedAt {
            var words: DisplayText = "Last tried \(Moment.minute(started))"
            if let by = company.doneBy { words += " by \(DisplayText(by))" }
            if let took = company.milliseconds { words += ", took \(Self.duration(took))" }
            if let attempts = company.attempts, attempts > 1 { words += ", \(String(attempts)) times in all" }
            lines.append((words + ".", .muted))
        }
        if let failure = company.failure {
            lines.append(("SQLSTATE \(DisplayText(failure.sqlState))", .muted))
            for line in DisplayText(failure.message).wrapped(to: max(10, inner.columns - 2)) {
                lines.append((line, company.state.style))
            }
        }
        if company.version != company.target {
            lines.append(("piste migrate goes on where it was.", .muted))
        }
        for (offset, line) in lines.prefix(inner.rows).enumerated() {
            canvas.write(
                line.0, row: inner.row + offset, column: inner.column + 1, width: inner.columns - 2,
                style: line.1)
        }
    }

    private var empty: [DisplayText] {
        if let failure = screen.list.failure { return state.words(forFailure: failure) }
        guard screen.list.isLoaded else { return [] }
        guard screen.list.meaning.text.isEmpty else {
            return state.words(forNothingOf: "No company fits", fitting: screen.list.meaning.text)
        }
        return screen.shown == nil
            ? ["There is no company yet."] : ["No company is in this state now.", "tab shows the others."]
    }
}

extension CompanyMigration.State {
    var style: Style {
        switch self {
        case .pending: .muted
        case .running: Style(.accent)
        case .waiting: Style(.warn)
        case .done: Style(.ok)
        case .failed: Style(.error)
        }
    }

    /// What it means for a company to be in this state.
    func meaning(_ company: CompanyMigration) -> DisplayText {
        switch self {
        case .pending: "Nobody has tried yet to bring it to blueprint \(String(company.target))."
        case .running: "It is being migrated at this moment."
        case .waiting: "It was in use; the next run tries it again."
        case .done: "It has the newest blueprint."
        case .failed: "It failed, and is what it was before: blueprint \(String(company.version))."
        }
    }
}
