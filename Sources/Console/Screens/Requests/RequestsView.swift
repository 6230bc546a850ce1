import FoundationEssentials
import Tenancy
import Terminal

/// Which impersonations wait for a second operator, and what is known of the selected one.
struct RequestsView {
    static let columns = [
        Column(title: "OPERATOR", width: .share(1, least: 8)),
        Column(title: "COMPANY", width: .share(2, least: 12)),
        Column(title: "AS", width: .share(2, least: 10), priority: 2),
        Column(title: "REASON", width: .share(3, least: 10)),
        Column(title: "TICKET", width: .share(1, least: 8), priority: 1),
        Column(title: "MIN", width: .fixed(4), isRight: true),
        Column(title: "STANDS", width: .fixed(8)),
        Column(title: "LEFT", width: .fixed(5), isRight: true),
    ].ordering(ApprovalRequest.self)

    private let requests: RequestsScreen
    private let state: ConsoleState

    init(_ requests: RequestsScreen, state: ConsoleState) {
        self.requests = requests
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let cursor = ShortListBox(
            list: requests.list, area: layout.list, state: state, title: "Requests",
            empty: ["Nobody waits for an approval.", "A new request shows here by itself."]
        ).draw(state.table(.requests), into: &canvas, cells)
        if let preview = layout.preview { drawDetail(into: &canvas, preview) }
        return cursor
    }

    private func cells(_ request: ApprovalRequest) -> [Table.Cell] {
        let left = Milliseconds(request.expiresAt.timeIntervalSince(state.serverNow) * 1000)
        let stands: Table.Cell =
            request.mayDecide
            ? Table.Cell("for you", Style(.accent))
            : Table.Cell(
                DisplayText(request.state.rawValue), request.state == .approved ? Style(.ok) : .muted)
        return [
            Table.Cell(DisplayText(request.operatorName)),
            Table.Cell(DisplayText(request.companyName)),
            Table.Cell(DisplayText(request.user ?? ""), .muted),
            Table.Cell(DisplayText(request.reason)),
            Table.Cell(DisplayText(request.ticket ?? ""), .muted),
            Table.Cell(DisplayText(String(request.minutes)), .muted),
            stands,
            Table.Cell(Moment.countdown(left), Style(Countdown.role(left))),
        ]
    }

    private func drawDetail(into canvas: inout Canvas, _ area: Rect) {
        guard let request = requests.selectedRecord else {
            canvas.box(area, style: state.borderStyle, titleStyle: state.titleStyle)
            return
        }
        canvas.box(
            area, title: DisplayText(request.companyName), style: state.borderStyle,
            titleStyle: state.titleStyle)
        let inner = area.inner
        let width = max(10, inner.columns - 13)
        let reason = DisplayText(request.reason).wrapped(to: width)
        var facts: [(DisplayText, DisplayText, Style)] = [
            (
                "wants",
                "\(DisplayText(request.operatorName)), as \(DisplayText(request.user ?? request.urlID)), "
                    + "for \(String(request.minutes)) min", .text
            ),
            ("asked at", Moment.clock(request.askedAt), .muted),
            ("ticket", DisplayText(request.ticket ?? "none"), request.ticket == nil ? .muted : .text),
        ]
        if let decidedBy = request.decidedBy, let decision = request.decision {
            facts.append(("approved", "by \(DisplayText(decidedBy)): \(DisplayText(decision))", Style(.ok)))
        }
        facts.append(("reason", reason.first ?? "", .text))
        let row = Facts(facts).draw(into: &canvas, inner, row: inner.row)
        let indent = (facts.map(\.0.columns).max() ?? 0) + 3
        for (offset, line) in reason.dropFirst().enumerated() where row + offset < inner.endRow {
            canvas.write(line, row: row + offset, column: inner.column + indent, width: width)
        }
    }
}
