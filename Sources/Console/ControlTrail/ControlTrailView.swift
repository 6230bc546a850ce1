import Tenancy
import Terminal

/// What the engine recorded of itself: operators, companies, proofs, refusals.
struct ControlTrailView {
    private let trail: ControlTrailState
    private let state: ConsoleState

    init(_ trail: ControlTrailState, state: ConsoleState) {
        self.trail = trail
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        let list = trail.list
        var lines = ListBox(list, area: area, state: state)
        lines.title = "Control trail"
        lines.total = list.isLoaded && list.meaning.text.isEmpty ? Figure.exact(Int(trail.newest)) : nil
        let cursor = lines.drawFrame(into: &canvas)
        Table(
            columns: [
                Column(title: "AT", width: .fixed(16)),
                Column(title: "WHO", width: .share(1, least: 10)),
                Column(title: "ACTION", width: .share(1, least: 18)),
                Column(title: "ABOUT", width: .share(4, least: 12)),
                Column(title: "NUMBER", width: .fixed(8), isRight: true),
            ],
            rows: lines.visible(list).map(cells), selected: lines.selectedOffset(list), empty: empty
        ).draw(into: &canvas, lines.inner)
        return cursor
    }

    private func cells(_ record: AuditRecord) -> [Table.Cell] {
        let line = AuditLine(record)
        return [
            Table.Cell(Moment.minute(record.at), .muted),
            Table.Cell(line.who),
            Table.Cell(DisplayText(record.action), line.style),
            Table.Cell(line.about, .muted),
            Table.Cell("#\(String(record.seq))", .muted),
        ]
    }

    private var empty: [DisplayText] {
        if let failure = trail.list.failure {
            return [DisplayText(failure), "\(state.keys.label(of: .refresh)) reads again."]
        }
        guard trail.list.isLoaded else { return [] }
        guard trail.list.meaning.text.isEmpty else {
            return ["No record fits “\(DisplayText(trail.list.meaning.text))”.", "esc clears the filter."]
        }
        return ["The control trail is empty."]
    }
}
