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
