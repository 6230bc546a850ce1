import Tenancy
import Terminal

/// One user: who it is, each journey with its bar of steps, and where the selected one stands.
struct UserView {
    private let user: UserScreen
    private let state: ConsoleState

    init(_ user: UserScreen, state: ConsoleState) {
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
        let isWide = Self.isWide(area)
        let (profile, rest) = Self.parts(of: area)
        canvas.box(
            profile, title: DisplayText(detail.user.name), style: state.borderStyle,
            titleStyle: state.titleStyle)
        drawProfile(detail.user, into: &canvas, profile.inner, isWide: isWide)
        canvas.box(
            rest, title: "Journeys", trailing: Figure.exact(user.list.rows.count), style: state.borderStyle,
            titleStyle: state.titleStyle)
        drawJourneys(into: &canvas, rest.inner)
    }

    private static func isWide(_ area: Rect) -> Bool { area.columns >= 96 }

    private static func parts(of area: Rect) -> (profile: Rect, journeys: Rect) {
        var rest = area
        let profile =
            isWide(area) ? rest.takeLeft(area.columns * 2 / 5) : rest.takeTop(area.rows >= 24 ? 9 : 4)
        return (profile, rest)
    }

    /// The journeys with the steps of the selected one, as the view draws them in an area.
    static func rows(of user: UserScreen, in area: Rect) -> RowsOnScreen {
        let inner = parts(of: area).journeys.inner
        let places = lines(of: user, in: inner).map { line -> Int? in
            if case .journey(let place) = line { place } else { nil }
        }
        return RowsOnScreen(area: inner, places: places, selected: user.list.selectedIndex)
    }

    private enum Line {
        case journey(Int)
        case step(JourneyStep)
    }

    private static func lines(of user: UserScreen, in area: Rect) -> ArraySlice<Line> {
        let first = max(0, min((user.list.selectedIndex ?? 0) - area.rows / 3, user.list.rows.count - 1))
        return user.list.rows.indices.dropFirst(first).flatMap { place -> [Line] in
            let journey = user.list.rows[place]
            let steps = journey.id == user.list.selected ? user.steps(of: journey.id) : []
            return [.journey(place)] + steps.map { .step($0) }
        }.prefix(area.rows)
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
            person.lastSeenAt.map { "last seen \(Moment.ago($0, at: state.serverNow))" }
            ?? "never seen"
        canvas.write(
            "id \(String(person.id)) · \(seen)", row: area.row + 1, column: area.column + 1,
            width: area.columns - 2,
            style: .muted)
    }

    private func drawJourneys(into canvas: inout Canvas, _ area: Rect) {
        guard !user.list.rows.isEmpty else {
            canvas.write("No journeys.", row: area.row + 1, column: area.column + 2, style: .muted)
            return
        }
        for (offset, line) in Self.lines(of: user, in: area).enumerated() {
            switch line {
            case .journey(let place):
                draw(user.list.rows[place], into: &canvas, area, row: area.row + offset)
            case .step(let step):
                StepLine(step, at: state.serverNow).draw(
                    into: &canvas, area, row: area.row + offset, indent: 5)
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
        let since: DisplayText = journey.updatedAt.map { " for \(Moment.age($0, at: state.serverNow))" } ?? ""
        let statusText: DisplayText =
            journey.status == .done ? "" : DisplayText(journey.status.rawValue) + since
        let room = area.endColumn - column - 1
        canvas.write(place, row: row, column: column, width: max(0, room - statusText.columns - 1))
        canvas.write(
            statusText, row: row, column: max(column, area.endColumn - statusText.columns - 1), width: room,
            style: journey.status.style)
        if journey.id == user.list.selected { canvas.select(row: row, in: area) }
    }

    private var waiting: DisplayText {
        user.isMissing ? "This user is gone." : user.reading.words(state)
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
