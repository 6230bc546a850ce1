import Tenancy
import Terminal

extension ConsoleState {
    /// Shows the lists as they were shown before.
    mutating func take(_ kept: TablesKept) {
        shell.lists.tables = kept.tables
        shell.lists.hiddenColumns = kept.rows ?? [:]
        companies.takeOrder(kept.tables)
    }

    /// Orders a list by a column, from the beginning, and keeps that for the next run.
    mutating func sort(_ screen: ListScreen, by name: String, ascending: Bool) -> [Effect] {
        var effects: [Effect] = []
        switch screen {
        case .companies:
            guard let asked = companies.order(by: name, ascending: ascending, &shell) else { return [] }
            effects = asked
        case .users, .journeys:
            effects =
                company?.onScreen(&shell) { $0.order(by: name, ascending: ascending, &$1) } ?? []
        case .contexts, .requests, .operators:
            guard let column = screen.columns.firstIndex(where: { $0.sort == name }) else { return [] }
            top?.screen.setOrder(Table.Order(column: column, isAscending: ascending))
        case .trail, .controlTrail, .migrations: return []
        }
        shell.lists.tables[screen, default: TableShown()].sort = name
        shell.lists.tables[screen, default: TableShown()].ascending = ascending
        return effects + [shell.keepTables]
    }

    /// What orders the list on screen; no name for the server's own order.
    var orderShown: (name: String, ascending: Bool) {
        (controlScreen?.screen.orderShown ?? context?.screen?.screen.orderShown) ?? ("", true)
    }

    /// The table of a list as it is shown, without its rows.
    func table(_ screen: ListScreen) -> Table {
        let (name, ascending) = orderShown
        return Table(
            columns: screen.columns, rows: [], shown: shell.lists.tables[screen] ?? TableShown(),
            scrolls: true, shift: shell.lists.shifts[screen] ?? 0,
            order: screen.columns.firstIndex { $0.sort == name }.map {
                .init(column: $0, isAscending: ascending)
            })
    }

    /// `h` and `l`: brings the columns on screen that find no room; the first one stays where it is.
    mutating func scrollColumns(_ command: Command) -> [Effect] {
        guard let listScreen else { return perform(command == .scrollLeft ? .back : .open) }
        let most = table(listScreen).mostShift(in: Layout(self).list.inner)
        guard most > 0 else {
            shell.lists.shifts[listScreen] = nil
            let words: DisplayText = "Every column is on screen. ⏎ opens, esc goes back."
            say(words.spelledOut(where: shell.looks.glyphs))
            return []
        }
        let shift = (shell.lists.shifts[listScreen] ?? 0) + (command == .scrollRight ? 1 : -1)
        shell.lists.shifts[listScreen] = min(max(0, shift), most)
        return []
    }
}
