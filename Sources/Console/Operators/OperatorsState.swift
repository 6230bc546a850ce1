import Tenancy

/// The list of operators.
struct OperatorsState: Equatable, Sendable {
    var operators: [Operator] = []
    var selected: String?
    var top = 0
    var pending: RequestID?
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?

    var selectedIndex: Int? { operators.firstIndex { $0.login == selected } }
    var selectedOperator: Operator? { selectedIndex.map { operators[$0] } }

    mutating func move(by delta: Int, height: Int) {
        guard !operators.isEmpty else { return }
        let reached = min(max(0, (selectedIndex ?? 0) + delta), operators.count - 1)
        selected = operators[reached].login
        if reached < top { top = reached }
        if reached >= top + height { top = reached - height + 1 }
        top = min(top, max(0, operators.count - height))
    }
}
