import Tenancy
import Terminal

/// The journeys of a company.
struct JourneysView {
    private let context: ContextState
    private let state: ConsoleState

    static let columns = [
        Column(title: "JOURNEY", width: .share(2, least: 14)),
        Column(title: "USER", width: .share(2, least: 14)),
        Column(title: "STATUS", width: .fixed(9)),
        Column(title: "AT STEP", width: .share(2, least: 12), priority: 1),
        Column(title: "STEP", width: .fixed(5), priority: 3, isRight: true),
        Column(title: "MOVED", width: .fixed(6), priority: 2, isRight: true),
    ]

    init(_ context: ContextState, state: ConsoleState) {
        self.context = context
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let list = context.journeys
        var box = ListBox(list, area: layout.list, state: state)
        box.title = "Journeys · by \(context.journeySort.title)\(context.journeyAscending ? "" : " ↓")"
        let cursor = box.drawFrame(into: &canvas)
        Table(
            columns: Self.columns,
            rows: box.visible(list).map(cells), selected: box.selectedOffset(list),
            marks: box.marks(list), off: state.columnsOff[.journeys] ?? [],
            empty: context.emptyText(
                isLoaded: list.isLoaded, failure: list.failure, filter: list.filter.text, of: "journeys")
        ).draw(into: &canvas, box.inner)
        return cursor
    }

    private func cells(_ journey: Journey) -> [Table.Cell] {
        [
            Table.Cell(DisplayText(journey.name)),
            Table.Cell(DisplayText(journey.userName), .muted),
            Table.Cell(DisplayText(journey.status.rawValue), journey.status.style),
            Table.Cell(journey.status == .done ? "" : DisplayText(journey.currentStepName ?? ""), .muted),
            Table.Cell("\(String(journey.currentStep))/\(String(journey.steps))", .muted),
            Table.Cell(Moment.age(journey.updatedAt, at: state.serverNow), .muted),
        ]
    }
}

extension Journey.Status {
    var style: Style {
        switch self {
        case .running: Style(.accent)
        case .stalled: Style(.warn)
        case .done: Style(.ok)
        case .cancelled: .muted
        }
    }
}

extension Journey.Sort {
    var title: String {
        switch self {
        case .updatedAt: "moved"
        case .startedAt: "started"
        case .name: "name"
        case .status: "status"
        }
    }
}
