import Tenancy
import Terminal

/// The audit trail on the whole screen.
struct TrailView {
    private let audit: TrailScreen
    private let state: ConsoleState

    init(_ audit: TrailScreen, state: ConsoleState) {
        self.audit = audit
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        let chain = audit.chain(canvas.glyphs)
        var box = ListBox(audit.list, area: area, state: state)
        box.title = "Audit trail · \(Moment.zone(state.serverNow))"
        box.corner = audit.mode + chain.text
        box.isAlarming = chain.isBroken
        let cursor = box.drawFrame(into: &canvas)
        TrailTable(audit.list, in: box, of: .trail, state: state).draw(into: &canvas)
        return cursor
    }
}
