extension Command {
    /// How far a command moves in a list of `count` rows of which `page` are on screen; nil for other commands.
    func rows(page: Int, of count: Int) -> Int? {
        switch self {
        case .down: 1
        case .up: -1
        case .pageDown: max(1, page)
        case .pageUp: -max(1, page)
        case .halfPageDown: max(1, page / 2)
        case .halfPageUp: -max(1, page / 2)
        case .first: -count
        case .last: count
        default: nil
        }
    }
}

extension Command {
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
