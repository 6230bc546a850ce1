import Terminal

extension ConsoleState {
    mutating func openColumns() -> [Effect] {
        guard let listScreen else { return [] }
        shell.overlays.append(.columns(ColumnsState(screen: listScreen)))
        return []
    }

    /// Shows, hides, widens, narrows and orders by the selected column; what is chosen is kept when the overlay closes.
    mutating func takeColumns(_ key: Key, _ columns: ColumnsState) -> [Effect] {
        var columns = columns
        let all = columns.screen.columns
        let column = all[columns.selected]
        let title = column.title.string
        switch key {
        case .escape, .character("q"), .character("c"), .left, .character("h"):
            return [shell.keepTables]
        case .down, .character("j"): columns.selected = min(columns.selected + 1, all.count - 1)
        case .up, .character("k"): columns.selected = max(0, columns.selected - 1)
        case .character(" "), .enter:
            if columns.selected == 0 {
                say("The first column always stands: it says whose row it is.", .warning)
            } else if shell.tables[columns.screen]?.hidden.contains(title) == true {
                shell.tables[columns.screen]?.hidden.remove(title)
            } else {
                shell.tables[columns.screen, default: TableShown()].hidden.insert(title)
            }
            shell.shifts[columns.screen] = nil
        case .character("<"), .character(">"):
            let before = shell.tables[columns.screen]?.widths[title] ?? columnWidth(columns)
            let allowed = TableShown.widthsAllowed
            let width = before + (key == .character("<") ? -2 : 2)
            shell.tables[columns.screen, default: TableShown()].widths[title] =
                min(max(allowed.lowerBound, width), allowed.upperBound)
        case .character("="): shell.tables[columns.screen]?.widths[title] = nil
        case .character("s"):
            guard let sort = column.sort else { break }
            shell.overlays.append(.columns(columns))
            let (name, ascending) = orderShown
            return self.sort(
                columns.screen, by: sort, ascending: name == sort ? !ascending : column.startsAscending)
        default:
            // What ends an impersonation ends it from anywhere; the export is of the list that lies below.
            let command = shell.keys.command(for: key, in: scope)
            if let command, [.endImpersonation, .export].contains(command) {
                return [shell.keepTables] + perform(command)
            }
            say("\(key.label) is no key of the columns; esc closes them.", .warning)
        }
        shell.overlays.append(.columns(columns))
        return []
    }

    /// How wide the selected column is on screen; as wide as it is at least where it is not there.
    private func columnWidth(_ columns: ColumnsState) -> Int {
        let table = table(columns.screen)
        let width = table.widths(in: Layout(self).list.inner)[columns.selected]
        return width > 0 ? width : table.leastWidth(columns.selected)
    }
}
