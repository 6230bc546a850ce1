import Tenancy
import Terminal

/// Draws the whole screen: a pure function of the state.
struct FrameView {
    private let state: ConsoleState
    private let layout: Layout

    init(_ state: ConsoleState) {
        self.state = state
        layout = Layout(state)
    }

    /// The canvas for the state, and where the cursor stands when something is being typed.
    func draw() -> (canvas: Canvas, cursor: Position?) {
        var canvas = Canvas(size: state.size, glyphs: state.glyphs)
        guard Layout.hasRoom(state.size) else {
            drawNoRoom(into: &canvas)
            return (canvas, nil)
        }
        guard !state.idleLock.isLocked else {
            LockView(state).draw(into: &canvas)
            return (canvas, nil)
        }
        TopBar(state).draw(into: &canvas, layout.top)
        if let bar = layout.openCompanies { OpenCompaniesBar(state).draw(into: &canvas, bar) }
        if let tabs = layout.tabs { TabStrip(state).draw(into: &canvas, tabs) }
        var cursor = drawBody(into: &canvas)
        if let pane = layout.auditPane, let context = state.context {
            AuditPaneView(context.audit, company: context.open.companyName, style: state.borderStyle)
                .draw(into: &canvas, pane)
        }
        BottomLine(state).draw(into: &canvas, layout.bottom)
        if let layer = state.overlays.last?.layer { cursor = layer.draw(into: &canvas, state) }
        if let tour = state.tour { TourView(tour).draw(into: &canvas) }
        return (canvas, cursor)
    }

    private func drawBody(into canvas: inout Canvas) -> Position? {
        if let screen = state.controlScreen { return screen.screen.draw(into: &canvas, layout, state) }
        guard let context = state.context else { return nil }
        if let ended = context.ended {
            let isParked = state.parked != nil && state.parked?.ended == nil
            EndedView(context, ended, isParked: isParked, keys: state.keys).draw(into: &canvas, layout.body)
            return nil
        }
        return context.screen?.screen.draw(into: &canvas, layout, state)
    }

    private func drawNoRoom(into canvas: inout Canvas) {
        let least = Layout.leastSize
        let lines: [DisplayText] = [
            "Piste needs \(String(least.columns))×\(String(least.rows)).",
            "This is \(String(state.size.columns))×\(String(state.size.rows)).",
        ]
        for (row, line) in lines.enumerated() { canvas.write(line, row: row, column: 0, style: Style(.warn)) }
        if let context = state.context, context.ended == nil {
            let left = context.millisecondsLeft(at: state.now)
            canvas.write(Moment.countdown(left), row: 2, column: 0, style: Style(Countdown.role(left)))
        }
        if state.openCompanies.contains(where: { !$0.live.isEmpty }) {
            canvas.write("q waits for room.", row: 3, column: 0, style: .muted)
        }
    }
}

extension ConsoleState {
    /// The border of every box: an impersonation's own, so that no view looks like the plain one.
    var borderStyle: Style {
        isImpersonating ? Style(.impersonation, on: .impersonation).bold : Style(.border)
    }

    /// The titles in those borders.
    var titleStyle: Style { isImpersonating ? borderStyle : Style(.title) }
}
