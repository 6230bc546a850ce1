import FoundationEssentials
import Tenancy
import Terminal

/// Who is in which company right now, since when, until when and why.
struct ContextsView {
    static let columns = [
        Column(title: "OPERATOR", width: .share(1, least: 10)),
        Column(title: "COMPANY", width: .share(2, least: 14)),
        Column(title: "PURPOSE", width: .fixed(13)),
        Column(title: "AS", width: .share(2, least: 10), priority: 2),
        Column(title: "REASON", width: .share(3, least: 10), priority: 1),
        Column(title: "LEFT", width: .fixed(5), isRight: true),
    ].ordering(ContextRecord.self)

    private let contexts: ContextsState
    private let state: ConsoleState

    init(_ contexts: ContextsState, state: ConsoleState) {
        self.contexts = contexts
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        let whose: DisplayText =
            state.identity?.level == .admin ? "Contexts · everybody's" : "Contexts · yours"
        let box = ShortListBox(
            list: contexts.list, area: area, state: state, title: whose, isLoaded: contexts.isLoaded,
            since: contexts.pending == nil ? nil : contexts.since)
        let cursor = box.drawFrame(into: &canvas)
        var table = state.table(.contexts)
        table.rows = box.shown.map(cells)
        table.selected = box.selectedOffset
        table.empty = box.nothingFits ?? empty
        table.draw(into: &canvas, area.inner)
        return cursor
    }

    private func cells(_ record: ContextRecord) -> [Table.Cell] {
        let left = Milliseconds(record.expiresAt.timeIntervalSince(state.serverNow) * 1000)
        let reason = [record.reason, record.ticket].compactMap { $0 }.joined(separator: " · ")
        return [
            Table.Cell(DisplayText(record.operatorName)),
            Table.Cell(DisplayText(record.companyName)),
            Table.Cell(
                DisplayText(record.purpose.rawValue),
                record.purpose == .impersonation ? Style(.impersonation) : .muted),
            Table.Cell(DisplayText(record.subject ?? ""), .muted),
            Table.Cell(DisplayText(reason), .muted),
            Table.Cell(Moment.countdown(left), Style(Countdown.role(left))),
        ]
    }

    private var empty: [DisplayText] {
        if let failure = contexts.failure {
            return state.words(forFailure: failure)
        }
        return contexts.isLoaded ? ["No context is open."] : []
    }
}
