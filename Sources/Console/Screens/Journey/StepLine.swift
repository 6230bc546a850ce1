import FoundationEssentials
import Tenancy
import Terminal

/// One step of a journey in a line: mark, place, name, state, since when or how long.
struct StepLine {
    private let step: JourneyStep
    private let now: Date

    init(_ step: JourneyStep, at now: Date) {
        self.step = step
        self.now = now
    }

    func draw(into canvas: inout Canvas, _ area: Rect, row: Int, indent: Int) {
        let start = area.column + indent
        let end = area.endColumn - 1
        canvas.write(step.state.mark, row: row, column: start, style: step.state.style)
        let when = self.when
        let nameRoom = max(4, end - start - 4 - when.columns - 1)
        var column = start + 2
        column += canvas.write("\(String(step.position)) ", row: row, column: column, style: .muted)
        column += canvas.write(
            DisplayText(step.name), row: row, column: column, width: nameRoom,
            style: step.state == .waiting || step.state == .cancelled ? .muted : .text)
        if let note = step.note, !note.isEmpty {
            canvas.write(
                "  \(DisplayText(note))", row: row, column: column,
                width: max(0, end - when.columns - 1 - column),
                style: .muted)
        }
        canvas.write(when, row: row, column: max(start, end - when.columns), style: step.state.style)
    }

    private var when: DisplayText {
        switch step.state {
        case .waiting: return "waiting"
        case .cancelled: return "cancelled"
        case .stalled, .active:
            guard let entered = step.enteredAt else { return DisplayText(step.state.rawValue) }
            return
                "\(step.state.rawValue) \(Moment.age(entered, at: now)), since \(Moment.minute(entered))"
        case .done:
            guard let entered = step.enteredAt, let completed = step.completedAt else { return "done" }
            return "took \(Moment.span(max(0, completed.timeIntervalSince(entered))).string)"
        }
    }
}

extension JourneyStep.State {
    var mark: DisplayText {
        switch self {
        case .waiting: "○"
        case .active: "◆"
        case .stalled: "!"
        case .done: "✓"
        case .cancelled: "×"
        }
    }

    var style: Style {
        switch self {
        case .waiting, .cancelled: .muted
        case .active: Style(.accent)
        case .stalled: Style(.warn)
        case .done: Style(.ok)
        }
    }
}
