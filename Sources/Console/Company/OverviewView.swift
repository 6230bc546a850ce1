import Tenancy
import Terminal

/// Who the company is, its sign-ups, its users and journeys by status, and the journeys' funnel.
struct OverviewView {
    private let context: ContextState
    private let state: ConsoleState

    init(_ context: ContextState, state: ConsoleState) {
        self.context = context
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        canvas.box(
            area, title: DisplayText(context.open.companyName), style: state.borderStyle,
            titleStyle: state.titleStyle)
        let inner = area.inner
        guard let figures = context.overview.figures else {
            let text: DisplayText = context.overview.failure.map { DisplayText($0) } ?? "Reading the figures…"
            canvas.write(
                text, row: inner.row + 1, column: inner.column + 1, width: inner.columns - 2, style: .muted)
            return
        }
        let half = inner.columns / 2
        var left = inner
        let first = left.takeLeft(half)
        drawCompany(figures, into: &canvas, first)
        drawFunnel(figures, into: &canvas, left)
    }

    private func drawCompany(_ figures: Overview, into canvas: inout Canvas, _ area: Rect) {
        let company = state.company(context.urlID)
        var facts: [(DisplayText, DisplayText, Style)] = [("url id", DisplayText(context.urlID), .text)]
        if let company {
            facts.append(("sign-in", DisplayText(company.authProvider), .text))
            let policy = company.policy
            facts.append(
                (
                    "impersonation", policy.impersonation.words,
                    policy.impersonation == .allowed ? .text : Style(.warn)
                ))
            facts.append(
                (
                    "at most",
                    "\(String(policy.maxMinutes)) min, \(policy.rights == .read ? "read-only" : "read+write")",
                    .text
                ))
            facts.append(("ticket", policy.ticketHint, .text))
            facts.append(("created", Moment.minute(company.createdAt), .text))
        }
        var row = Facts(facts).draw(into: &canvas, area, row: area.row + 1) + 1
        guard row < area.endRow else { return }
        canvas.write(
            "Sign-ups, last 28 days", row: row, column: area.column + 1, width: area.columns - 2,
            style: Style(.header))
        row += 1
        if row < area.endRow {
            canvas.sparkline(
                figures.signUps.suffix(area.columns - 10).map(Double.init), row: row, column: area.column + 1)
            canvas.write(
                Figure.exact(figures.signUps.reduce(0, +)), row: row,
                column: area.column + 2 + min(figures.signUps.count, area.columns - 10), style: .muted)
        }
        row += 2
        let users: [(User.Status, Role)] = [(.active, .ok), (.invited, .accent), (.suspended, .error)]
        bars(
            "Users", users.map { ($0.0.rawValue, figures.usersByStatus[$0.0] ?? 0, $0.1) }, into: &canvas,
            area, row: &row)
    }

    private func drawFunnel(_ figures: Overview, into canvas: inout Canvas, _ area: Rect) {
        var row = area.row + 1
        let states: [(Journey.Status, Role)] = [
            (.running, .chart1), (.stalled, .warn), (.done, .ok), (.cancelled, .muted),
        ]
        bars(
            figures.isSample ? "Journeys (newest)" : "Journeys",
            states.map { ($0.0.rawValue, figures.journeysByStatus[$0.0] ?? 0, $0.1) }, into: &canvas, area,
            row: &row)
        row += 1
        bars(
            "How far they come",
            figures.funnel.map { ("\($0.position) \($0.name)", $0.reached, .chart2) }, into: &canvas, area,
            row: &row)
    }

    private func bars(
        _ title: DisplayText, _ values: [(String, Int, Role)], into canvas: inout Canvas, _ area: Rect,
        row: inout Int
    ) {
        guard row < area.endRow else { return }
        canvas.write(title, row: row, column: area.column + 1, width: area.columns - 2, style: Style(.header))
        row += 1
        let greatest = max(1, values.map(\.1).max() ?? 1)
        let names = values.map { DisplayText($0.0) }
        let nameWidth = min(area.columns / 2, names.map(\.columns).max() ?? 0)
        let barWidth = max(4, area.columns - nameWidth - 12)
        for (name, value) in zip(names, values) where row < area.endRow {
            canvas.write(name, row: row, column: area.column + 1, width: nameWidth, style: .muted)
            canvas.bar(
                Double(value.1) / Double(greatest), row: row, column: area.column + nameWidth + 2,
                width: barWidth,
                style: Style(value.2))
            canvas.write(
                Figure.exact(value.1), row: row, column: area.column + nameWidth + barWidth + 3, width: 8)
            row += 1
        }
    }
}
