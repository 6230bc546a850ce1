import FoundationEssentials
import Tenancy
import Terminal

/// The steps that were entered, each as a stretch on one line of time from the journey's start to its end, or to now.
struct TimeLine {
    private let steps: [JourneyStep]
    private let start: Date
    private let end: Date
    private let isOver: Bool

    init(_ detail: JourneyDetail, at now: Date) {
        steps = detail.steps.filter { $0.enteredAt != nil }
        let journey = detail.journey
        isOver = journey.status == .done || journey.status == .cancelled
        start = steps.compactMap(\.enteredAt).reduce(journey.startedAt ?? now, min)
        let moments = steps.compactMap { $0.completedAt ?? $0.enteredAt }
        end = moments.reduce(isOver ? journey.updatedAt ?? now : now, max)
    }

    /// A heading and a row for each step; 0 when none was entered.
    var rows: Int { steps.isEmpty ? 0 : steps.count + 1 }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        guard rows > 0, area.rows > 0 else { return }
        guard area.rows >= rows else { return drawShort(into: &canvas, area) }
        let nameWidth = min(area.columns / 3, (steps.map(name).map(\.columns).max() ?? 0))
        let lengths = steps.map(length)
        let lengthWidth = lengths.map(\.columns).max() ?? 0
        let column = area.column + nameWidth + 1
        let width = area.columns - nameWidth - lengthWidth - 2
        canvas.write("Time line", row: area.row, column: area.column, style: Style(.header))
        let from = Moment.minute(start)
        let to: DisplayText =
            (isOver ? Moment.minute(end) : "now") + ", \(Moment.span(end.timeIntervalSince(start))) in all"
        let headEnd = column + max(0, width)
        canvas.write(
            from, row: area.row, column: max(column, area.column + 10), width: max(0, headEnd - column),
            style: .muted)
        if width >= from.columns + to.columns + 12 {
            canvas.write(to, row: area.row, column: headEnd - to.columns, style: .muted)
        }
        for (offset, step) in steps.enumerated() {
            let row = area.row + 1 + offset
            canvas.write(name(step), row: row, column: area.column, width: nameWidth, style: .muted)
            TimeSpan(from: share(step.enteredAt), to: share(leftAt(step)), isOpen: isOpen(step)).draw(
                into: &canvas, row: row, column: column, width: width, style: step.state.style)
            canvas.write(
                lengths[offset], row: row, column: area.endColumn - lengths[offset].columns,
                style: step.state.style)
        }
    }

    /// One line for all steps, where there is no room for a line each: the last digit of the step of that time.
    private func drawShort(into canvas: inout Canvas, _ area: Rect) {
        let length = Moment.span(end.timeIntervalSince(start))
        canvas.write("Time line", row: area.row, column: area.column, style: Style(.header))
        canvas.write(length, row: area.row, column: area.endColumn - length.columns, style: .muted)
        let column = area.column + 10
        let width = area.columns - 11 - length.columns
        guard width > 0 else { return }
        canvas.fill(Rect(row: area.row, column: column, columns: width, rows: 1), "·", style: Style(.border))
        for step in steps {
            let first = min(width - 1, Int(share(step.enteredAt) * Double(width)))
            let last = min(width - 1, max(first, Int((share(leftAt(step)) * Double(width)).rounded(.up)) - 1))
            for place in first...last {
                canvas.write(
                    DisplayText(String(step.position % 10)), row: area.row, column: column + place,
                    style: step.state.style)
            }
        }
    }

    private func name(_ step: JourneyStep) -> DisplayText {
        "\(String(step.position)) \(DisplayText(step.name))"
    }

    /// When a step was left: where it still stands, that is the end of the line.
    private func leftAt(_ step: JourneyStep) -> Date? {
        isOpen(step) ? end : step.completedAt ?? step.enteredAt
    }

    private func isOpen(_ step: JourneyStep) -> Bool {
        !isOver && (step.state == .active || step.state == .stalled)
    }

    private func length(_ step: JourneyStep) -> DisplayText {
        guard let entered = step.enteredAt, let left = leftAt(step) else { return "" }
        return Moment.span(max(0, left.timeIntervalSince(entered)))
    }

    private func share(_ moment: Date?) -> Double {
        let whole = end.timeIntervalSince(start)
        guard let moment, whole > 0 else { return 0 }
        return moment.timeIntervalSince(start) / whole
    }
}
