import Tenancy
import Terminal

/// Who the company is, and its figures as pictures: users, sign-ups, journeys, how far users come on them, audit records.
///
/// The sections stand in as many columns as there is room for; what finds none is scrolled to.
struct OverviewView {
    private let overview: OverviewScreen
    private let state: ConsoleState

    init(_ overview: OverviewScreen, state: ConsoleState) {
        self.overview = overview
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let inner = area.inner
        let company = state.known[overview.urlID]
        let name = DisplayText(state.context?.open.companyName ?? overview.urlID)
        guard let figures = overview.figures else {
            canvas.box(
                area, title: name, style: state.borderStyle,
                titleStyle: state.titleStyle)
            canvas.write(
                waiting, row: inner.row + 1, column: inner.column + 1, width: inner.columns - 2, style: .muted
            )
            return
        }
        let columns = Self.columns(figures, company, overview.urlID, in: inner)
        let lines = Self.height(of: columns)
        let top = min(overview.list.top, max(0, lines - inner.rows))
        var read: DisplayText = overview.readAt.map { "read at \(Moment.clock($0)), r again" } ?? ""
        if overview.waitingSince != nil { read = "reading again" }
        if lines > inner.rows {
            let place: DisplayText =
                "lines \(String(top + 1))–\(String(top + inner.rows)) of \(String(lines)) ↑↓"
            // Where both have no room, the way to the rest is worth more.
            read = area.columns < 72 ? place : read + " · " + place
        }
        canvas.box(
            area, title: name, trailing: read, style: state.borderStyle,
            titleStyle: state.titleStyle)
        var page = Canvas(size: Size(columns: inner.columns, rows: lines), glyphs: canvas.glyphs)
        draw(columns, into: &page)
        canvas.paste(page, from: top, into: inner)
        canvas.scrollMark(
            column: area.endColumn - 1, rows: inner.row..<inner.endRow, offset: top, visible: inner.rows,
            total: lines)
    }

    /// How many lines all of it takes in an area.
    static func lines(of figures: Overview, _ company: Company?, in area: Rect) -> Int {
        height(of: columns(figures, company, "", in: area))
    }

    private var waiting: DisplayText {
        if let failure = overview.reading.failure {
            return DisplayText(failure) + " · \(state.keys.label(of: .refresh)) reads again"
        }
        guard let since = overview.waitingSince,
            let picture = Spinner.picture(since: since, now: state.now, ascii: state.glyphs.isASCII)
        else { return "" }
        return picture + " reading the figures · esc cancels"
    }

    // MARK: Columns

    private static let gap = 3

    private func draw(_ columns: [[OverviewSection]], into page: inout Canvas) {
        let width = Self.width(columns.count, in: page.size.columns)
        for (index, sections) in columns.enumerated() {
            var row = 0
            for section in sections {
                section.draw(
                    into: &page,
                    Rect(
                        row: row, column: 1 + index * (width + Self.gap), columns: width,
                        rows: section.height))
                row += section.height + 1
            }
        }
    }

    private static func width(_ columns: Int, in total: Int) -> Int {
        (total - 2 - (columns - 1) * gap) / max(1, columns)
    }

    private static func height(of columns: [[OverviewSection]]) -> Int {
        columns.map { $0.reduce(-1) { $0 + $1.height + 1 } }.max() ?? 0
    }

    private static func columns(
        _ figures: Overview, _ company: Company?, _ urlID: String, in area: Rect
    ) -> [[OverviewSection]] {
        let count = area.columns >= 140 ? 3 : area.columns >= 70 ? 2 : 1
        let sections = OverviewSections(
            figures, company: company, urlID: urlID,
            width: width(count, in: area.columns), chartRows: area.rows >= 36 ? 6 : area.rows >= 24 ? 3 : 1)
        let users = figures.hasUsers ? [sections.users] : []
        let signUps = figures.hasSignUps ? [sections.signUps] : []
        let months = figures.hasSignUps ? [sections.months] : []
        let journeys = figures.hasJourneys ? [sections.journeys] : []
        switch count {
        case 3:
            return [
                [sections.company] + users + [sections.kinds, sections.actors],
                signUps + months + [sections.activity],
                journeys + sections.funnels,
            ]
        case 2:
            return [
                [sections.company] + signUps + [sections.activity] + users + months + [sections.actors],
                journeys + sections.funnels + [sections.kinds],
            ]
        default:
            return [
                [sections.company] + signUps + [sections.activity] + journeys + sections.funnels + users
                    + months
                    + [sections.kinds, sections.actors]
            ]
        }
    }
}
