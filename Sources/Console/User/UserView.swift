import Tenancy
import Terminal

/// One user: who it is, each journey with its bar of steps, and where the selected one stands.
struct UserView {
    private let user: UserState
    private let state: ConsoleState

    init(_ user: UserState, state: ConsoleState) {
        self.user = user
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard let detail = user.detail else {
            canvas.box(area, title: "User", style: state.borderStyle, titleStyle: state.titleStyle)
            canvas.write(
                waiting, row: area.row + 2, column: area.column + 2, width: area.columns - 4, style: .muted)
            return
        }
        var rest = area
        let factRows = area.rows >= 24 ? 9 : 4
        let isWide = area.columns >= 96
        let profile = isWide ? rest.takeLeft(area.columns * 2 / 5) : rest.takeTop(factRows)
        canvas.box(
            profile, title: DisplayText(detail.user.name), style: state.borderStyle,
            titleStyle: state.titleStyle)
        drawProfile(detail.user, into: &canvas, profile.inner, isWide: isWide)
        canvas.box(
            rest, title: "Journeys", trailing: Figure.exact(user.journeys.count), style: state.borderStyle,
            titleStyle: state.titleStyle)
        drawJourneys(into: &canvas, rest.inner)
    }

    private func drawProfile(_ person: User, into canvas: inout Canvas, _ area: Rect, isWide: Bool) {
        if isWide || area.rows >= 7 {
            UserFacts.all(person, at: state.serverNow).draw(into: &canvas, area, row: area.row)
            return
        }
        let line: DisplayText =
            "\(DisplayText(person.email)) · \(DisplayText(person.role)) · \(person.status.rawValue)"
        canvas.write(line, row: area.row, column: area.column + 1, width: area.columns - 2)
        let seen =
            person.lastSeenAt.map { "last seen \(Moment.age($0, at: state.serverNow)) ago" }
            ?? "never seen"
        canvas.write(
            "id \(String(person.id)) · \(seen)", row: area.row + 1, column: area.column + 1,
            width: area.columns - 2,
            style: .muted)
    }

    private func drawJourneys(into canvas: inout Canvas, _ area: Rect) {
        guard !user.journeys.isEmpty else {
            canvas.write("No journeys.", row: area.row + 1, column: area.column + 2, style: .muted)
            return
        }
        var row = area.row
        let first = max(0, min((user.selectedIndex ?? 0) - area.rows / 3, user.journeys.count - 1))
        for journey in user.journeys[first...] where row < area.endRow {
            draw(journey, into: &canvas, area, row: row)
            row += 1
            guard journey.id == user.selected else { continue }
            for step in user.steps(of: journey.id) where row < area.endRow {
                StepLine(step, at: state.serverNow).draw(into: &canvas, area, row: row, indent: 5)
                row += 1
            }
        }
    }

    private func draw(_ journey: Journey, into canvas: inout Canvas, _ area: Rect, row: Int) {
        let nameWidth = min(24, area.columns / 3)
        canvas.write(DisplayText(journey.name), row: row, column: area.column + 3, width: nameWidth)
        var column = area.column + 4 + nameWidth
        let done = journey.status == .done ? journey.steps : max(0, journey.currentStep - 1)
        let bar = min(8, max(3, journey.steps))
        canvas.bar(
            journey.steps == 0 ? 0 : Double(done) / Double(journey.steps), row: row, column: column,
            width: bar,
            style: journey.status.style)
        column += bar + 1
        let place: DisplayText =
            journey.status == .done
            ? "done"
            : "\(String(journey.currentStep))/\(String(journey.steps)) \(DisplayText(journey.currentStepName ?? ""))"
        let statusText: DisplayText =
            journey.status == .done
            ? ""
            : "\(journey.status.rawValue) since \(Moment.age(journey.updatedAt, at: state.serverNow))"
        let room = area.endColumn - column - 1
        canvas.write(place, row: row, column: column, width: max(0, room - statusText.columns - 1))
        canvas.write(
            statusText, row: row, column: max(column, area.endColumn - statusText.columns - 1), width: room,
            style: journey.status.style)
        if journey.id == user.selected { canvas.select(row: row, in: area) }
    }

    private var waiting: DisplayText {
        if user.isMissing { return "This user is gone." }
        if let failure = user.failure { return DisplayText(failure) }
        guard user.pending != nil,
            let picture = Spinner.picture(since: user.since, now: state.now, ascii: state.glyphs.isASCII)
        else { return "" }
        return picture + " reading · esc cancels"
    }
}

extension Canvas {
    /// Marks a row as the selected one: a bar at the left and the selection's ground.
    mutating func select(row: Int, in area: Rect) {
        write("▌", row: row, column: area.column + 1, style: Style(.accent))
        restyle(Rect(row: row, column: area.column + 1, columns: area.columns - 1, rows: 1)) { style in
            style.ground = .selection
            if style.role == .text || style.role == .muted { style.role = .selection }
        }
    }
}
