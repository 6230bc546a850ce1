import FoundationEssentials
import Tenancy
import Terminal

/// A journey's steps on a time line: entered, completed, how long each took, where it stalled.
struct JourneyView {
    private let journey: JourneyScreen
    private let state: ConsoleState

    init(_ journey: JourneyScreen, state: ConsoleState) {
        self.journey = journey
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard let detail = journey.detail else {
            canvas.box(area, title: "Journey", style: state.borderStyle, titleStyle: state.titleStyle)
            canvas.write(
                waiting, row: area.row + 2, column: area.column + 2, width: area.columns - 4, style: .muted)
            return
        }
        let whole = detail.journey
        canvas.box(
            area, title: "\(DisplayText(whole.name)) · \(DisplayText(whole.userName))",
            trailing: "\(whole.status.rawValue) · id \(String(whole.id))", style: state.borderStyle,
            titleStyle: state.titleStyle)
        let inner = area.inner
        let started: DisplayText = whole.startedAt.map { "started \(Moment.minute($0)) · " } ?? ""
        let moved: DisplayText = whole.updatedAt.map { "moved \(Moment.ago($0, at: state.serverNow))" } ?? ""
        let line = started + moved
        canvas.write(line, row: inner.row, column: inner.column + 1, width: inner.columns - 2, style: .muted)
        let timeLine = TimeLine(detail, at: state.serverNow)
        let note =
            journey.list.selectedRow?.note.map { DisplayText("Note: " + $0).wrapped(to: inner.columns - 4) }
            ?? []
        let noteRow = inner.endRow - min(note.count, 3)
        for (offset, line) in note.prefix(3).enumerated() {
            canvas.write(line, row: noteRow + offset, column: inner.column + 3, style: .muted)
        }
        let isSpread = Self.isSpread(journey, in: inner, timeLine)
        var row = inner.row + Self.headRows
        for step in journey.list.rows.dropFirst(Self.first(of: journey, in: inner)) where row < noteRow {
            StepLine(step, at: state.serverNow).draw(into: &canvas, inner, row: row, indent: 3)
            if step.id == journey.list.selected { canvas.select(row: row, in: inner) }
            row += 1
            if isSpread, step.id != journey.list.rows.last?.id, row < noteRow {
                canvas.write("│", row: row, column: inner.column + 3, style: Style(.border))
                row += 1
            }
        }
        timeLine.draw(
            into: &canvas,
            Rect(
                row: row + 1, column: inner.column + 3, columns: inner.columns - 4,
                rows: noteRow - row - 1))
    }

    private static let headRows = 2

    /// Whether there is room for a line between two steps.
    private static func isSpread(_ journey: JourneyScreen, in inner: Rect, _ timeLine: TimeLine) -> Bool {
        inner.rows >= 2 * journey.list.rows.count + timeLine.rows + 3
    }

    /// The first step that is drawn, so that the selected one is, too.
    private static func first(of journey: JourneyScreen, in inner: Rect) -> Int {
        Scrolling.top(
            0, showing: journey.list.selectedIndex ?? 0, of: journey.list.rows.count,
            height: inner.rows - headRows - 3
        )
    }

    /// The steps, as the view draws them in an area; nil while they are not read.
    static func rows(of journey: JourneyScreen, in area: Rect, at now: Date) -> RowsOnScreen? {
        guard let detail = journey.detail else { return nil }
        var inner = area.inner
        let isSpread = isSpread(journey, in: inner, TimeLine(detail, at: now))
        let first = first(of: journey, in: inner)
        _ = inner.takeTop(headRows)
        let places = journey.list.rows.indices.dropFirst(first).flatMap { isSpread ? [$0, nil] : [$0] }
        return RowsOnScreen(area: inner, places: places, selected: journey.list.selectedIndex)
    }

    private var waiting: DisplayText {
        journey.isMissing ? "This journey is gone." : journey.reading.words(state)
    }
}
