import Tenancy
import Terminal

extension ConsoleState {
    /// Shows the lists as they were shown before.
    mutating func take(_ kept: TablesKept) {
        shell.tables = kept.tables
        if let shown = shell.tables[.companies], let sort = shown.sort.flatMap(Company.Sort.init(rawValue:)) {
            (companies.sort, companies.ascending) = (sort, shown.ascending ?? sort.startsAscending)
        }
    }

    /// Orders a list by a column, from the beginning, and keeps that for the next run.
    mutating func sort(_ screen: ListScreen, by name: String, ascending: Bool) -> [Effect] {
        var effects: [Effect] = []
        switch screen {
        case .companies:
            guard let sort = Company.Sort(rawValue: name) else { return [] }
            (companies.sort, companies.ascending) = (sort, ascending)
            companies.list.restart()
            effects = loadCompanies(.start)
        case .users:
            guard let sort = User.Sort(rawValue: name) else { return [] }
            context?.userSort = sort
            context?.userAscending = ascending
            context?.users.restart()
            effects = loadUsers(.start)
        case .journeys:
            guard let sort = Journey.Sort(rawValue: name) else { return [] }
            context?.journeySort = sort
            context?.journeyAscending = ascending
            context?.journeys.restart()
            effects = loadJourneys(.start)
        case .contexts, .requests, .operators:
            guard let column = screen.columns.firstIndex(where: { $0.sort == name }) else { return [] }
            top?.screen.setOrder(Table.Order(column: column, isAscending: ascending))
        case .trail, .controlTrail, .migrations: return []
        }
        shell.tables[screen, default: TableShown()].sort = name
        shell.tables[screen, default: TableShown()].ascending = ascending
        return effects + [.terminal(.keepTables(TablesKept(shell.tables)))]
    }

    /// What orders a list now; no name for the server's own order.
    func order(of screen: ListScreen) -> (name: String, ascending: Bool) {
        return switch screen {
        case .companies: (companies.sort.rawValue, companies.ascending)
        case .users: ((context?.userSort ?? .name).rawValue, context?.userAscending ?? true)
        case .journeys: ((context?.journeySort ?? .updatedAt).rawValue, context?.journeyAscending ?? false)
        case .contexts, .requests, .operators, .trail, .controlTrail, .migrations:
            top?.screen.list.order.map { (screen.columns[$0.column].sort ?? "", $0.isAscending) } ?? (
                "", true
            )
        }
    }

    /// The table of a list as it is shown, without its rows.
    func table(_ screen: ListScreen) -> Table {
        let (name, ascending) = order(of: screen)
        return Table(
            columns: screen.columns, rows: [], shown: shell.tables[screen] ?? TableShown(),
            scrolls: true, shift: shell.shifts[screen] ?? 0,
            order: screen.columns.firstIndex { $0.sort == name }.map {
                .init(column: $0, isAscending: ascending)
            })
    }

    /// `h` and `l`: brings the columns on screen that find no room; the first one stays where it is.
    mutating func scrollColumns(_ command: Command) -> [Effect] {
        guard let listScreen else { return perform(command == .scrollLeft ? .back : .open) }
        let most = table(listScreen).mostShift(in: Layout(self).list.inner)
        guard most > 0 else {
            shell.shifts[listScreen] = nil
            let words: DisplayText = "Every column is on screen. ⏎ opens, esc goes back."
            say(words.spelledOut(where: shell.glyphs))
            return []
        }
        let shift = (shell.shifts[listScreen] ?? 0) + (command == .scrollRight ? 1 : -1)
        shell.shifts[listScreen] = min(max(0, shift), most)
        return []
    }
}

extension ContextState {
    /// Orders its lists as they were ordered before.
    mutating func order(by tables: [ListScreen: TableShown]) {
        if let shown = tables[.users], let sort = shown.sort.flatMap(User.Sort.init(rawValue:)) {
            (userSort, userAscending) = (sort, shown.ascending ?? sort.startsAscending)
        }
        if let shown = tables[.journeys], let sort = shown.sort.flatMap(Journey.Sort.init(rawValue:)) {
            (journeySort, journeyAscending) = (sort, shown.ascending ?? sort.startsAscending)
        }
    }
}

extension Company.Sort {
    var startsAscending: Bool { self != .users && self != .createdAt }
    var next: Company.Sort {
        Self.allCases[(Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0) % Self.allCases.count]
    }
}
