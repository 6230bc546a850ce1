import Tenancy
import Terminal

/// The list of companies and what is known of the selected one.
struct CompaniesView {
    private let state: ConsoleState

    static let columns = [
        Column(title: "NAME", width: .share(3, least: 18), sort: Company.Sort.name.rawValue),
        Column(title: "URL ID", width: .share(3, least: 20), sort: Company.Sort.urlID.rawValue),
        Column(title: "AUTH", width: .fixed(9), priority: 3, sort: Company.Sort.authProvider.rawValue),
        Column(title: "STATUS", width: .fixed(9), priority: 1, sort: Company.Sort.status.rawValue),
        Column(
            title: "≈USERS", width: .fixed(7), priority: 2, isRight: true, sort: Company.Sort.users.rawValue,
            startsAscending: false),
        Column(
            title: "CREATED", width: .fixed(16), priority: 4, sort: Company.Sort.createdAt.rawValue,
            startsAscending: false),
    ]

    init(_ state: ConsoleState) { self.state = state }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let list = state.companies.list
        var lines = ListBox(list, area: layout.list, state: state)
        lines.title = "Companies"
        lines.syntax = Filter.syntaxWithStatus
        lines.total = state.companies.count.map { Figure.exact($0) }
        lines.exactTotal = state.companies.count
        let cursor = lines.drawFrame(into: &canvas)
        var table = state.table(.companies)
        table.rows = lines.visible(list).map(cells)
        table.selected = lines.selectedOffset(list)
        table.marks = lines.marks(list)
        table.empty = empty
        table.draw(into: &canvas, lines.inner)
        if let preview = layout.preview {
            let missing = list.selected.map { table.missing(of: cells($0), in: lines.inner) }
            drawPreview(into: &canvas, preview, missing ?? [])
        }
        return cursor
    }

    private func cells(_ company: Company) -> [Table.Cell] {
        [
            Table.Cell(DisplayText(company.name)),
            Table.Cell(DisplayText(company.urlID)),
            Table.Cell(DisplayText(company.authProvider), .muted),
            Table.Cell(
                DisplayText(company.status.rawValue), company.status == .active ? .text : Style(.error)),
            Table.Cell(company.estimatedUsers.map(Figure.estimate) ?? "–", .muted),
            Table.Cell(Moment.minute(company.createdAt), .muted),
        ]
    }

    private var empty: [DisplayText] {
        let list = state.companies.list
        if let failure = state.linkFailure { return [failure] + (state.linkReason?.wrapped(to: 56) ?? []) }
        if let failure = list.failure {
            return [DisplayText(failure), "\(state.keys.label(of: .refresh)) reads again."]
        }
        if !list.isLoaded { return [] }
        if !list.meaning.text.isEmpty {
            return state.words(forNothingOf: "No company fits", fitting: list.meaning.text)
        }
        let create = state.keys.label(of: .createCompany)
        return ["No companies yet.", state.isAdmin ? "\(create) creates one." : "An admin creates one."]
    }

    /// Whose row it is, and what the list has no room for; what it shows already would only be drawn twice with each movement.
    private func drawPreview(into canvas: inout Canvas, _ area: Rect, _ missing: Set<String>) {
        canvas.box(area, title: "Company", style: state.borderStyle, titleStyle: state.titleStyle)
        guard let company = state.companies.list.selected else { return }
        var facts: [(DisplayText, DisplayText, Style)] = [("name", DisplayText(company.name), .text)]
        if missing.contains("URL ID") { facts.append(("url id", DisplayText(company.urlID), .text)) }
        if missing.contains("STATUS") {
            let style = company.status == .active ? Style(.ok) : Style(.error)
            facts.append(("status", DisplayText(company.status.rawValue), style))
        }
        if missing.contains("AUTH") { facts.append(("sign-in", DisplayText(company.authProvider), .text)) }
        if missing.contains("≈USERS") {
            facts.append(("users", company.estimatedUsers.map(Figure.estimate) ?? "not counted yet", .text))
        }
        if missing.contains("CREATED") { facts.append(("created", Moment.minute(company.createdAt), .text)) }
        facts.append(
            (
                "impersonation", DisplayText(company.policy.impersonation.rawValue),
                company.policy.impersonation == .allowed ? Style(.text) : Style(.warn)
            ))
        let inner = area.inner
        let end = WrappedFacts(facts).draw(into: &canvas, inner, row: inner.row + 1)
        let open = state.openCompany(company.urlID)
        let enter = state.keys.label(of: .open)
        let hints: [DisplayText] =
            open.map { ["\(enter) goes to it: it is open as number \(String($0.number))."] }
            ?? (company.status == .active
                ? [
                    "\(enter) opens it with a 30-minute token.",
                    "\(state.keys.label(of: .impersonate)) impersonates, with a written reason.",
                ]
                : ["Suspended: PostgreSQL opens no context for it."])
        for (offset, hint) in hints.enumerated() where end + 1 + offset < inner.endRow {
            canvas.write(
                hint.spelledOut(where: canvas.glyphs), row: end + 1 + offset, column: inner.column + 1,
                width: inner.columns - 2, style: .muted)
        }
        drawActivity(of: company, into: &canvas, inner, row: end + 2 + hints.count)
    }

    /// How busy its trail was: counts that the engine keeps, and no row of the company's.
    private func drawActivity(of company: Company, into canvas: inout Canvas, _ area: Rect, row: Int) {
        guard row + 1 < area.endRow,
            let days = state.companies.activity.shown(of: company.urlID, at: state.now), !days.isEmpty
        else { return }
        let total = days.reduce(0, +)
        canvas.write(
            "Audit records, \(String(days.count)) days", row: row, column: area.column + 1,
            width: area.columns - 2, style: Style(.header))
        let figure: DisplayText =
            total == 0
            ? "none" : "\(Figure.exact(total)), at most \(Figure.exact(days.max() ?? 0)) a day"
        let used = Sparkline(total == 0 ? [] : days).draw(
            into: &canvas, row: row + 1, column: area.column + 1, width: area.columns - 2,
            style: Style(.chart3))
        let isBeside = used + figure.columns + 4 <= area.columns
        guard isBeside || row + 2 < area.endRow else { return }
        canvas.write(
            figure, row: isBeside ? row + 1 : row + 2,
            column: area.column + 1 + (isBeside && used > 0 ? used + 1 : 0), style: .muted)
    }
}

/// Names and values below each other, each value to its last word.
struct WrappedFacts {
    private let facts: [(name: DisplayText, value: DisplayText, style: Style)]

    init(_ facts: [(DisplayText, DisplayText, Style)]) {
        self.facts = facts.map { (name: $0.0, value: $0.1, style: $0.2) }
    }

    /// The lines, as wide as there is room.
    func lines(columns: Int) -> [(name: DisplayText, value: DisplayText, style: Style)] {
        let width = facts.map(\.name.columns).max() ?? 0
        return facts.flatMap { fact in
            fact.value.wrapped(to: max(8, columns - width - 4)).enumerated().map { index, line in
                (name: index == 0 ? fact.name : "", value: line, style: fact.style)
            }
        }
    }

    /// Draws from `row` on, the first row of the area when it is nil; gives the row after the last.
    @discardableResult
    func draw(into canvas: inout Canvas, _ area: Rect, row: Int? = nil) -> Int {
        let width = facts.map(\.name.columns).max() ?? 0
        let first = row ?? area.row
        let lines = lines(columns: area.columns).prefix(max(0, area.endRow - first))
        for (offset, line) in lines.enumerated() {
            canvas.write(line.name, row: first + offset, column: area.column + 1, width: width, style: .muted)
            canvas.write(
                line.value, row: first + offset, column: area.column + width + 3,
                width: area.columns - width - 4, style: line.style)
        }
        return first + lines.count
    }
}

/// Names and values below each other.
struct Facts {
    private let facts: [(name: DisplayText, value: DisplayText, style: Style)]

    init(_ facts: [(DisplayText, DisplayText, Style)]) {
        self.facts = facts.map { (name: $0.0, value: $0.1, style: $0.2) }
    }

    /// Draws from `row` on; gives the row after the last.
    @discardableResult
    func draw(into canvas: inout Canvas, _ area: Rect, row: Int) -> Int {
        let width = facts.map(\.name.columns).max() ?? 0
        for (offset, fact) in facts.enumerated() where row + offset < area.endRow {
            canvas.write(fact.name, row: row + offset, column: area.column + 1, width: width, style: .muted)
            canvas.write(
                fact.value, row: row + offset, column: area.column + width + 3,
                width: area.columns - width - 4,
                style: fact.style)
        }
        return row + facts.count
    }
}
