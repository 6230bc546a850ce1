import Terminal

/// What stands on a locked screen: that a context is open and for how long, and nothing of anybody's data.
struct LockView {
    private let state: ConsoleState

    init(_ state: ConsoleState) { self.state = state }

    func draw(into canvas: inout Canvas) {
        let bar = Rect(row: 0, column: 0, columns: canvas.size.columns, rows: 1)
        let ground: Role? = state.isImpersonating ? .impersonation : nil
        canvas.write(" PISTE ", row: 0, column: 0, style: Style(.title, on: ground, .bold))
        canvas.write("Locked", row: 0, column: 8, style: Style(.text, on: ground))
        if let context = state.context, context.ended == nil {
            let left = context.millisecondsLeft(at: state.now)
            let mode: DisplayText = state.isImpersonating ? "IMPERSONATING" : "ACCESS"
            canvas.write(
                mode, row: 0, column: max(16, canvas.size.columns - 8 - mode.columns),
                style: Style(state.isImpersonating ? .impersonation : .accent, on: ground, .bold))
            canvas.write(
                Moment.countdown(left), row: 0, column: canvas.size.columns - 6,
                style: Style(Countdown.role(left), on: ground, .bold))
        }
        if let ground {
            canvas.restyle(bar) {
                $0.ground = ground; $0.role = ground
            }
        }
        let area = canvas.panel(columns: 52, rows: 6)
        canvas.panelBox(area, title: "Locked")
        for (offset, line) in lines.enumerated() {
            canvas.write(
                line.text, row: area.inner.row + 1 + offset, column: area.inner.column + 2,
                width: area.inner.columns - 3, style: line.style)
        }
    }

    private var lines: [(text: DisplayText, style: Style)] {
        let minutes = Int((state.idleLock.limit ?? 0) / 60_000)
        let since: DisplayText = minutes == 1 ? "a minute" : "\(String(minutes)) minutes"
        return [
            ("Nobody pressed a key for \(since).", .text),
            ("Any key brings the screen back.", .muted),
        ]
    }
}
