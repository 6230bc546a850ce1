import Tenancy
import Terminal

/// The records of a trail as a table: when, who as whom, what, about what, number.
struct TrailTable {
    static let columns = [
        Column(title: "AT", width: .fixed(19)),
        Column(title: "WHO", width: .share(2, least: 10)),
        Column(title: "ACTION", width: .share(2, least: 18)),
        Column(title: "ABOUT", width: .share(5, least: 12)),
        Column(title: "NUMBER", width: .fixed(8), isRight: true),
    ]

    private let list: ListState<AuditRecord>
    private let box: ListBox<AuditRecord>
    private let screen: ListScreen
    private let state: ConsoleState

    init(
        _ list: ListState<AuditRecord>, in box: ListBox<AuditRecord>, of screen: ListScreen,
        state: ConsoleState
    ) {
        self.list = list
        self.box = box
        self.screen = screen
        self.state = state
    }

    func draw(into canvas: inout Canvas) {
        var table = state.table(screen)
        table.rows = box.visible(list).map(cells)
        table.selected = box.selectedOffset(list)
        table.empty = empty
        table.draw(into: &canvas, box.inner)
    }

    private func cells(_ record: AuditRecord) -> [Table.Cell] {
        let line = AuditLine(record)
        return [
            Table.Cell(Moment.second(record.at), .muted),
            Table.Cell(line.who),
            Table.Cell(DisplayText(record.action), line.style),
            Table.Cell(line.about, .muted),
            Table.Cell(DisplayText(record.number), record.isSealed ? .muted : Style(.warn)),
        ]
    }

    private var empty: [DisplayText] {
        if let failure = list.failure {
            return state.words(forFailure: failure)
        }
        guard list.isLoaded else { return ["Reading…"] }
        guard list.meaning.text.isEmpty else {
            return state.words(forNothingOf: "No record fits", fitting: list.meaning.text)
        }
        return ["The trail is empty."]
    }
}
