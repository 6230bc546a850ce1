import Terminal

extension ShortList {
    /// Does a command of the list; false where it would order rows that have no order yet.
    mutating func take(_ command: Command, height: Int) -> Bool {
        switch command {
        case .sort: orderByNextColumn()
        case .reverseSort: return turnAround()
        default: move(by: command.rows(page: height, of: visible.count) ?? 0, height: height)
        }
        return true
    }
}

extension ConsoleState {
    /// Says why a list that is in the server's order can't be turned around.
    mutating func sayNoOrder() {
        say("The list is in the server's order; \(keys.label(of: .sort)) orders it by a column.", .warning)
    }
}
