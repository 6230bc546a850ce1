import Tenancy
import Terminal

/// Who may work here, with which level, and whose login has become unsafe.
struct OperatorsView {
    static let columns = [
        Column(title: "LOGIN", width: .share(1, least: 16)),
        Column(title: "LEVEL", width: .fixed(8)),
        Column(title: "SINCE", width: .fixed(16), priority: 1),
        Column(title: "PROBLEM", width: .share(2, least: 20)),
    ].ordering(Operator.self)

    private let screen: OperatorsScreen
    private let state: ConsoleState

    init(_ screen: OperatorsScreen, state: ConsoleState) {
        self.screen = screen
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ area: Rect) -> Position? {
        ShortListBox(
            list: screen.list, area: area, state: state, title: "Operators",
            empty: ["No operator is registered.", "\(state.keys.label(of: .addOperator)) adds one."]
        ).draw(state.table(.operators), into: &canvas, cells)
    }

    private func cells(_ each: Operator) -> [Table.Cell] {
        let own: DisplayText = each.login == state.operatorName ? " (you)" : ""
        return [
            Table.Cell(DisplayText(each.login) + own),
            Table.Cell(DisplayText(each.level.rawValue), each.level == .admin ? Style(.accent) : .text),
            Table.Cell(each.addedAt.map(Moment.minute) ?? "–", .muted),
            Table.Cell(
                each.problem.map { DisplayText($0) } ?? "–", each.problem == nil ? .muted : Style(.error)),
        ]
    }
}
