import Tenancy
import Terminal

/// The parts of the overview, made from its figures.
struct OverviewSections {
    private let figures: Overview
    private let known: Company?
    private let urlID: String
    private let width: Int
    private let chartRows: Int

    /// The most bars of one section.
    private static let mostBars = 8

    /// - Parameter chartRows: how high a chart over time is; 1 makes it a line among lines.
    init(_ figures: Overview, company: Company?, urlID: String, width: Int, chartRows: Int) {
        self.figures = figures
        known = company
        self.urlID = urlID
        self.width = width
        self.chartRows = chartRows
    }

    // MARK: The company

    var company: OverviewSection {
        var facts: [(DisplayText, DisplayText, Style)] = [("url id", DisplayText(urlID), .text)]
        if let known {
            let policy = known.policy
            facts.append(("sign-in", DisplayText(known.authProvider), .text))
            if known.status != .active {
                facts.append(("status", DisplayText(known.status.rawValue), Style(.warn)))
            }
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
            facts.append(("created", Moment.minute(known.createdAt), .text))
        }
        let shown = facts
        return OverviewSection(title: "", rows: shown.count) { canvas, area in
            let shifted = Rect(
                row: area.row, column: area.column - 1, columns: area.columns + 1, rows: area.rows)
            Facts(shown).draw(into: &canvas, shifted, row: area.row)
        }
    }

    var users: OverviewSection {
        let states: [(User.Status, Role)] = [(.active, .chart1), (.invited, .chart2), (.suspended, .chart3)]
        return bars(
            "Users", total: figures.usersByStatus.values.reduce(0, +), isExact: figures.usersAreExact,
            stands(figures.usersByStatus, states))
    }

    /// Where rows stand: the words of companies that Piste made, or those of an adopted one, the most frequent first.
    private func stands<Status: RawRepresentable<String> & Hashable>(
        _ counts: [Status: Int], _ states: [(Status, Role)]
    ) -> [(String, Int, Role)] {
        guard !counts.keys.allSatisfy({ key in states.contains { $0.0 == key } }) else {
            return states.map { ($0.0.rawValue, counts[$0.0] ?? 0, $0.1) }
        }
        return counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .prefix(Self.mostBars).map {
                ($0.key.rawValue.isEmpty ? "all" : $0.key.rawValue, $0.value, .chart1)
            }
    }

    // MARK: Over time

    var signUps: OverviewSection {
        overTime(
            "Sign-ups, \(String(figures.signUps.count)) days", figures.signUps, unit: "a day",
            ends: ("\(String(figures.signUps.count - 1)) days ago", "today"),
            isExact: figures.signUpsAreExact, style: Style(.chart1))
    }

    var months: OverviewSection {
        overTime(
            "Sign-ups, \(String(figures.signUpsByMonth.count)) months", figures.signUpsByMonth,
            unit: "a month",
            ends: ("\(String(figures.signUpsByMonth.count - 1)) months ago", "this month"),
            isExact: figures.usersAreExact, style: Style(.chart1), isLine: true)
    }

    var activity: OverviewSection {
        overTime(
            "Audit records, \(String(figures.audit.days.count)) days", figures.audit.days, unit: "a day",
            ends: ("\(String(figures.audit.days.count - 1)) days ago", "today"), isExact: true,
            style: Style(.chart3))
    }

    private func overTime(
        _ title: DisplayText, _ values: [Int], unit: DisplayText, ends: (DisplayText, DisplayText),
        isExact: Bool, style: Style, isLine: Bool = false
    ) -> OverviewSection {
        let total = values.reduce(0, +)
        guard total > 0 else {
            return OverviewSection(title: title, figure: "none", rows: 0) { _, _ in }
        }
        let most = values.max() ?? 0
        let figure = fitting(
            ["\(words(total, isExact)), at most \(words(most, isExact)) \(unit)", words(total, isExact)],
            beside: title)
        guard chartRows > 1 else {
            return OverviewSection(title: title, figure: figure, rows: 1) { canvas, area in
                Sparkline(values).draw(
                    into: &canvas, row: area.row, column: area.column, width: area.columns, style: style)
            }
        }
        return OverviewSection(title: title, figure: figure, rows: chartRows + 1) { canvas, area in
            var axis = area
            let chart = axis.takeTop(area.rows - 1)
            var used = area.columns
            if isLine {
                LineChart(values).draw(into: &canvas, chart, style: style)
            } else {
                used = ColumnChart(values).draw(into: &canvas, chart, style: style)
            }
            canvas.write(ends.0, row: axis.row, column: axis.column, width: used, style: .muted)
            if ends.0.columns + ends.1.columns + 2 <= used {
                canvas.write(
                    ends.1, row: axis.row, column: axis.column + used - ends.1.columns, style: .muted)
            }
        }
    }

    // MARK: Journeys

    var journeys: OverviewSection {
        let states: [(Journey.Status, Role)] = [
            (.running, .chart1), (.stalled, .warn), (.done, .chart2), (.cancelled, .chart4),
        ]
        return bars(
            "Journeys", total: figures.journeysByStatus.values.reduce(0, +),
            isExact: figures.journeysAreExact,
            stands(figures.journeysByStatus, states))
    }

    /// One for each name of a journey: how many users reached each step of it, and where they are stuck.
    var funnels: [OverviewSection] {
        figures.funnels.map { funnel in
            let isExact = figures.journeysAreExact
            let steps = funnel.steps.map { step in
                let share = funnel.users == 0 ? 0 : min(100, step.reached * 100 / funnel.users)
                return Funnel.Step(
                    "\(String(step.position)) \(DisplayText(step.name))", reached: step.reached,
                    stuck: step.stuck,
                    figure: "\(words(step.reached, isExact))\(padded("\(share)%", to: 5))",
                    note: note(step, isExact))
            }
            let users = words(funnel.users, isExact)
            let stuck = words(funnel.steps.reduce(0) { $0 + $1.stuck }, isExact)
            let name = DisplayText(funnel.name)
            let isStuck = funnel.steps.contains { $0.stuck > 0 }
            return OverviewSection(
                title: name,
                figure: fitting(
                    isStuck
                        ? [
                            "\(users) users, \(stuck) stalled", "\(users), \(stuck) stalled",
                            "\(stuck) stalled",
                        ]
                        : ["\(users) users", users],
                    beside: name),
                rows: steps.count
            ) { canvas, area in
                Funnel(steps).draw(into: &canvas, area)
            }
        }
    }

    /// Who is stuck at a step: in short where there is little room, since the heading says what it counts.
    private func note(_ step: JourneyFunnel.Step, _ isExact: Bool) -> DisplayText {
        guard step.stuck > 0 else { return "" }
        return width < 44 ? "!\(words(step.stuck, isExact))" : "! \(words(step.stuck, isExact)) stalled"
    }

    // MARK: Audit records

    var kinds: OverviewSection { shares("Audit records by kind", figures.audit.kinds, .chart3) }
    var actors: OverviewSection { shares("Audit records by actor", figures.audit.actors, .chart4) }

    private func shares(
        _ title: DisplayText, _ shares: [AuditFigures.Share], _ role: Role
    ) -> OverviewSection {
        let shown = shares.count > Self.mostBars ? Self.mostBars - 1 : shares.count
        var values = shares.prefix(shown).map { ($0.name, $0.records, role) }
        let rest = shares.dropFirst(shown)
        if !rest.isEmpty {
            values.append(("\(rest.count) more", rest.reduce(0) { $0 + $1.records }, .muted))
        }
        return bars(
            title, total: shares.reduce(0) { $0 + $1.records }, isExact: figures.audit.isExact, values)
    }

    // MARK: Bars

    private func bars(
        _ title: DisplayText, total: Int, isExact: Bool, _ values: [(String, Int, Role)]
    ) -> OverviewSection {
        let bars = values.map { name, value, role in
            Bars.Bar(DisplayText(name), value, figure: words(value, isExact), style: Style(role))
        }
        return OverviewSection(title: title, figure: words(total, isExact), rows: bars.count) {
            canvas, area in
            Bars(bars).draw(into: &canvas, area)
        }
    }

    private func words(_ value: Int, _ isExact: Bool) -> DisplayText {
        Figure.count(Count(value, isExact: isExact))
    }

    /// The first of several forms that has room beside a heading, else the last one.
    private func fitting(_ forms: [DisplayText], beside title: DisplayText) -> DisplayText {
        forms.first { title.columns + $0.columns + 1 <= width } ?? forms.last ?? ""
    }

    private func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
