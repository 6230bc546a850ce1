import Tenancy
import Terminal

/// The audit trail on the whole screen.
struct AuditView {
    private let audit: AuditState
    private let state: ConsoleState

    init(_ audit: AuditState, state: ConsoleState) {
        self.audit = audit
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        let chain = audit.chain
        var box = ListBox(audit.trail, area: area, state: state)
        box.title = "Audit trail · \(Moment.zone(state.serverNow))"
        box.corner = audit.mode + chain.text
        box.isAlarming = chain.isBroken
        let cursor = box.drawFrame(into: &canvas)
        TrailTable(audit.trail, in: box, of: .trail, state: state).draw(into: &canvas)
        return cursor
    }
}
