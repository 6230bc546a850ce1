import Tenancy
import Terminal

/// What the engine recorded of itself: operators, companies, proofs, refusals.
struct ControlTrailView {
    private let trail: ControlTrailScreen
    private let state: ConsoleState

    init(_ trail: ControlTrailScreen, state: ConsoleState) {
        self.trail = trail
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        let list = trail.list
        var lines = ListBox(list, area: area, state: state)
        lines.title = "Control trail · \(Moment.zone(state.serverNow))"
        lines.total = list.isLoaded && list.meaning.text.isEmpty ? Figure.exact(Int(trail.newest)) : nil
        let cursor = lines.drawFrame(into: &canvas)
        TrailTable(list, in: lines, of: .controlTrail, state: state).draw(into: &canvas)
        return cursor
    }
}
