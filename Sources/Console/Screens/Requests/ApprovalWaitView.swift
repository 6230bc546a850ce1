import Tenancy
import Terminal

/// What is waited for, and how it ended.
struct ApprovalWaitView {
    private let wait: ApprovalWait
    private let state: ConsoleState

    init(_ wait: ApprovalWait, state: ConsoleState) {
        self.wait = wait
        self.state = state
    }

    func draw(into canvas: inout Canvas) {
        let request = wait.request
        let area = canvas.panel(columns: 76, rows: 12)
        canvas.panelBox(
            area, title: "Impersonate · \(DisplayText(request.companyName).truncated(to: 40))",
            role: .impersonation)
        let inner = area.inner
        let text = headline
        canvas.write(
            text.words, row: inner.row + 1, column: inner.column + 2, width: inner.columns - 10,
            style: text.style)
        if request.state.isOpen {
            let left = wait.millisecondsLeft(at: state.now)
            canvas.write(
                Moment.countdown(left), row: inner.row + 1, column: inner.endColumn - 7,
                style: Style(Countdown.role(left)).bold)
        }
        var facts: [(DisplayText, DisplayText, Style)] = [
            ("request", DisplayText(request.id), .muted),
            ("reason", DisplayText(request.reason), .text),
        ]
        if let decision = request.decision { facts.append(("because", DisplayText(decision), .text)) }
        Facts(facts).draw(into: &canvas, inner, row: inner.row + 3)
        let way: DisplayText =
            request.state == .pending
            ? "esc leaves this; the request waits on, and \(state.keys.label(of: .requests)) lists it."
            : "esc closes this."
        let lines = way.wrapped(to: inner.columns - 4).prefix(2)
        for (offset, line) in lines.enumerated() {
            canvas.write(
                line, row: inner.endRow - lines.count + offset, column: inner.column + 2, style: .muted)
        }
    }

    private var headline: (words: DisplayText, style: Style) {
        let request = wait.request
        let by = DisplayText(request.decidedBy ?? "The policy").truncated(to: 24)
        return switch request.state {
        case .pending: ("Waiting for a second operator to approve it.", Style(.text).bold)
        case .approved, .claimed: ("\(by) approved it.", Style(.ok).bold)
        case .denied: ("\(by) denied it.", Style(.error).bold)
        case .withdrawn: ("It was withdrawn.", Style(.warn).bold)
        case .expired: ("Nobody decided in time.", Style(.warn).bold)
        }
    }
}
