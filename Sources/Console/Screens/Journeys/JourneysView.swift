import Tenancy
import Terminal

/// The journeys of a company.
struct JourneysView {
    private let journeys: JourneysScreen
    private let state: ConsoleState

    static let columns = [
        Column(title: "JOURNEY", width: .share(2, least: 14), sort: Journey.Sort.name.rawValue),
        Column(title: "USER", width: .share(2, least: 14), sort: Journey.Sort.user.rawValue),
        Column(title: "STATUS", width: .fixed(9), sort: Journey.Sort.status.rawValue),
        Column(title: "AT STEP", width: .share(2, least: 16), priority: 1, sort: Journey.Sort.step.rawValue),
        Column(
            title: "MOVED", width: .fixed(6), priority: 2, isRight: true,
            sort: Journey.Sort.updatedAt.rawValue, startsAscending: false),
        Column(
            title: "STARTED", width: .fixed(16), priority: 4, sort: Journey.Sort.startedAt.rawValue,
            startsAscending: false),
    ]

    init(_ journeys: JourneysScreen, state: ConsoleState) {
        self.journeys = journeys
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let list = journeys.list
        var box = ListBox(list, area: layout.list, state: state)
        box.title = "Journeys · by \(journeys.sort.title)\(journeys.ascending ? "" : " ↓")"
        box.syntax = Filter.syntaxWithStatus
        let cursor = box.drawFrame(into: &canvas)
        var table = state.table(.journeys)
        table.rows = box.visible(list).map(cells)
        table.selected = box.selectedOffset(list)
        table.marks = box.marks(list)
        table.empty = list.emptyWords(of: "journeys", state)
        table.draw(into: &canvas, box.inner)
        return cursor
    }

    /// Which step of how many, and what it is called while the journey stands at it.
    private func step(_ journey: Journey) -> DisplayText {
        let place: DisplayText = "\(String(journey.currentStep))/\(String(journey.steps))"
        guard journey.status != .done, let name = journey.currentStepName else { return place }
        return place + " " + DisplayText(name)
    }

    private func cells(_ journey: Journey) -> [Table.Cell] {
        [
            Table.Cell(DisplayText(journey.name)),
            Table.Cell(DisplayText(journey.userName), .muted),
            Table.Cell(DisplayText(journey.status.rawValue), journey.status.style),
            Table.Cell(step(journey), .muted),
            Table.Cell(journey.updatedAt.map { Moment.age($0, at: state.serverNow) } ?? "", .muted),
            Table.Cell(journey.startedAt.map(Moment.minute) ?? "", .muted),
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
        default: .text
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
        case .user: "user"
        case .step: "step"
        }
    }
}
