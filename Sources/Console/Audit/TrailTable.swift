import Tenancy
import Terminal

/// The records of a trail as a table: when, who as whom, what, about what, number.
struct TrailTable {
    private let list: ListState<AuditRecord>
    private let box: ListBox<AuditRecord>
    private let state: ConsoleState

    init(_ list: ListState<AuditRecord>, in box: ListBox<AuditRecord>, state: ConsoleState) {
        self.list = list
        self.box = box
        self.state = state
    }

    func draw(into canvas: inout Canvas) {
        Table(
            columns: [
                Column(title: "AT", width: .fixed(19)),
                Column(title: "WHO", width: .share(2, least: 10)),
                Column(title: "ACTION", width: .share(2, least: 18)),
                Column(title: "ABOUT", width: .share(5, least: 12)),
                Column(title: "NUMBER", width: .fixed(8), isRight: true),
            ],
            rows: box.visible(list).map(cells), selected: box.selectedOffset(list), empty: empty
        ).draw(into: &canvas, box.inner)
    }

    private func cells(_ record: AuditRecord) -> [Table.Cell] {
        let line = AuditLine(record)
        return [
            Table.Cell(Moment.second(record.at), .muted),
            Table.Cell(line.who),
            Table.Cell(DisplayText(record.action), line.style),
            Table.Cell(line.about, .muted),
            Table.Cell("#\(String(record.seq))", .muted),
        ]
    }

    private var empty: [DisplayText] {
        if let failure = list.failure {
            return [DisplayText(failure), "\(state.keys.label(of: .refresh)) reads again."]
        }
        guard list.isLoaded else { return ["Reading…"] }
        guard list.meaning.text.isEmpty else {
            return ["No record fits “\(DisplayText(list.meaning.text))”.", "esc clears the filter."]
        }
        return ["The trail is empty."]
    }
}
