import Terminal

extension ShortList {
    mutating func move(_ movement: Movement, height: Int) {
        move(by: movement.rows(page: height, of: visible.count), height: height)
    }
}

extension Shell {
    /// Orders a list that is read as a whole by its next column, or turns it around; says why where it has no order yet.
    mutating func order<Row>(_ list: inout ShortList<Row>, reversed: Bool) {
        if !reversed {
            list.orderByNextColumn()
        } else if !list.turnAround() {
            sayNoOrder()
        }
    }

    /// The same, kept for the next run.
    mutating func order<Row>(
        _ list: inout ShortList<Row>, reversed: Bool, keptFor screen: ListScreen
    ) -> [Effect] {
        order(&list, reversed: reversed)
        return keep(list.order, of: screen)
    }
}
