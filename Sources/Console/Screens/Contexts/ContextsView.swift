import FoundationEssentials
import Tenancy
import Terminal

/// Who is in which company right now, since when, until when and why.
struct ContextsView {
    static let columns = [
        Column(title: "OPERATOR", width: .share(1, least: 12)),
        Column(title: "COMPANY", width: .share(2, least: 20)),
        Column(title: "PURPOSE", width: .fixed(13)),
        Column(title: "AS", width: .share(2, least: 14), priority: 2),
        Column(title: "REASON", width: .share(3, least: 12), priority: 3),
        Column(title: "SINCE", width: .fixed(8), priority: 1),
        Column(title: "LEFT", width: .fixed(5), isRight: true),
    ].ordering(ContextRecord.self)

    private let contexts: ContextsScreen
    private let state: ConsoleState

    init(_ contexts: ContextsScreen, state: ConsoleState) {
        self.contexts = contexts
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let cursor = ShortListBox(
            list: contexts.list, area: layout.list, state: state,
            title: state.isAdmin ? "Contexts · everybody's" : "Contexts · yours",
            empty: ["No context is open."], marked: contexts.marked
        ).draw(state.table(.contexts), into: &canvas, cells)
        if let preview = layout.preview { drawDetail(into: &canvas, preview) }
        return cursor
    }

    /// The selected context whole: whatever the list has no room for, and its reason to the last word.
    private func drawDetail(into canvas: inout Canvas, _ area: Rect) {
        let record = contexts.selectedRecord
        canvas.box(
            area, title: record.map { DisplayText($0.companyName) } ?? "Context", style: state.borderStyle,
            titleStyle: state.titleStyle)
        guard let record else { return }
        let opened = record.openedAt ?? record.issuedAt
        var facts: [(DisplayText, DisplayText, Style)] = [
            (
                "who",
                "\(DisplayText(record.operatorName)), \(record.purpose.rawValue)"
                    + (record.subject.map { " as \(DisplayText($0))" } ?? ""), .text
            ),
            ("company", DisplayText(record.urlID), .muted), ("id", DisplayText(record.jti), .muted),
            (
                "open",
                "since \(Moment.second(opened)), for \(Moment.age(opened, at: state.serverNow)); until \(Moment.clock(record.expiresAt))",
                .muted
            ),
        ]
        if let ticket = record.ticket { facts.append(("ticket", DisplayText(ticket), .text)) }
        WrappedFacts(
            facts + [
                ("reason", DisplayText(record.reason ?? "none given"), record.reason == nil ? .muted : .text)
            ]
        )
        .draw(into: &canvas, area.inner)
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
            Table.Cell(Moment.clock(record.openedAt ?? record.issuedAt), .muted),
            Table.Cell(Moment.countdown(left), Style(Countdown.role(left))),
        ]
    }
}
