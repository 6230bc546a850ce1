import Terminal

extension ConsoleState {
    mutating func openColumns() -> [Effect] {
        guard let listScreen else { return [] }
        shell.overlays.append(.columns(ColumnsState(screen: listScreen)))
        return []
    }

    /// How wide the selected column is on screen; as wide as it is at least where it is not there.
    func width(of columns: ColumnsState) -> Int {
        let table = table(columns.screen)
        let width = table.widths(in: Layout(self).list.inner)[columns.selected]
        return width > 0 ? width : table.leastWidth(columns.selected)
    }
}
