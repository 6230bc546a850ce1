import FoundationEssentials
import Tenancy

/// The list of operators.
struct OperatorsState: Equatable, Sendable {
    var list = ShortList<Operator>()
    var pending: RequestID?
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?

    var selectedOperator: Operator? { list.selectedRow }
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
