/// A way through a list.
enum Movement: String, CaseIterable, Sendable {
    case down, up, pageDown, pageUp, halfPageDown, halfPageUp, first, last

    /// How far it moves in a list of `count` rows of which `page` are on screen.
    func rows(page: Int, of count: Int) -> Int {
        switch self {
        case .down: 1
        case .up: -1
        case .pageDown: max(1, page)
        case .pageUp: -max(1, page)
        case .halfPageDown: max(1, page / 2)
        case .halfPageUp: -max(1, page / 2)
        case .first: -count
        case .last: count
        }
    }

    /// The same in a list of a few rows of several lines each.
    func rows(of count: Int) -> Int {
        switch self {
        case .down: 1
        case .up: -1
        case .pageDown, .halfPageDown: 5
        case .pageUp, .halfPageUp: -5
        case .first: -count
        case .last: count
        }
    }
}

extension Command {
    /// The way through a list that it is; nil for every other command.
    var movement: Movement? { Movement(rawValue: rawValue) }

    /// Whether it does something with the selected row, so that it can wait until there is one.
    var needsRow: Bool {
        switch self {
        case .open, .copy, .mark, .edit, .pointers, .endContext, .approve, .deny, .withdraw, .removeOperator,
            .closeCompany, .impersonate, .administer, .prove:
            true
        default: false
        }
    }
}
