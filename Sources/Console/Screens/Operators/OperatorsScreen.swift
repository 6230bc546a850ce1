import FoundationEssentials
import Tenancy
import Terminal

/// Who may work here.
struct OperatorsScreen: Screen {
    enum Own: String, OwnCommand { case refresh, addOperator, removeOperator, sort, reverseSort }

    enum Answer: ScreenAnswer {
        typealias Taker = OperatorsScreen
        case loaded(RequestID, Result<[Operator], TenancyError>)
    }

    static let scope = Scope.operators
    static let bindings: [KeyBinding] =
        .of(
            .scrolling, [.filter], .ordering, .columns,
            [
                KeyBinding(
                    .addOperator, [.character("n")], "add", "Add an operator, or change a level", rank: 1),
                KeyBinding(
                    .removeOperator, [.character("x")], "remove", "Remove the selected operator", rank: 2),
            ], .administration, .outside, .switching, .reading())
    static let table: ListScreen? = .operators

    var list = ShortList<Operator>()

    var title: DisplayText { "Operators" }
    var waitingSince: Milliseconds? { list.reading.waitingSince }
    var selectedOperator: Operator? { list.selectedRow }

    mutating func load(_ shell: inout Shell) -> [Effect] {
        [.control(.loadOperators(list.reading.begin(&shell)))]
    }

    mutating func loseLink() { list.reading.forget() }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        list.move(movement, height: shell.listRows)
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .refresh: return load(&shell)
        case .addOperator: shell.open(.addOperator)
        case .removeOperator:
            guard let chosen = selectedOperator else { return [] }
            let login = DisplayText(chosen.login)
            shell.ask(
                ConfirmState(
                    subject: .administer(.removeOperator(login: chosen.login)),
                    question: "Remove the operator \(login.truncated(to: 36))?",
                    detail: [
                        "Its rights in this database go, and its open contexts end.",
                        "The PostgreSQL login itself stays.",
                    ], reason: nil, askedAtFrame: shell.frames, typed: .init(expected: chosen.login)))
        case .sort: return shell.order(&list, reversed: false, keptFor: .operators)
        case .reverseSort: return shell.order(&list, reversed: true, keptFor: .operators)
        }
        return []
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect] {
        switch answer {
        case .loaded(let request, let result):
            if let read = list.reading.take(request, result, &shell) { list.rows = read }
            return []
        }
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        command == .removeOperator ? shell.isAdmin && selectedOperator != nil : nil
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        OperatorsView(self, state: console).draw(into: &canvas, layout.list)
    }
}

extension Operator: ShortRow {
    var texts: [String?] { [login, level.rawValue, problem] }

    static var orders: [(@Sendable (Operator, Operator) -> Bool)?] {
        [
            { $0.login < $1.login }, { $0.level.rawValue < $1.level.rawValue },
            { ($0.addedAt ?? .distantPast) < ($1.addedAt ?? .distantPast) },
            { $0.problem ?? "" < $1.problem ?? "" },
        ]
    }
}
