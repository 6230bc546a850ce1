import Tenancy
import Terminal

extension ConsoleState {
    /// Shows the lists as they were shown before.
    mutating func take(_ kept: TablesKept) {
        tables = kept.tables
        if let shown = tables[.companies], let sort = shown.sort.flatMap(Company.Sort.init(rawValue:)) {
            (companies.sort, companies.ascending) = (sort, shown.ascending ?? sort.startsAscending)
        }
        orderAsKept(.requests)
    }

    /// Orders a list that is read as a whole as it was ordered before.
    mutating func orderAsKept(_ screen: ListScreen) {
        guard let shown = tables[screen], let sort = shown.sort else { return }
        order(screen, by: sort, ascending: shown.ascending ?? true)
    }

    /// Keeps the order that a command gave such a list.
    mutating func keepOrder(of screen: ListScreen, after command: Command) -> [Effect] {
        guard command == .sort || command == .reverseSort else { return [] }
        let (name, ascending) = order(of: screen)
        tables[screen, default: TableShown()].sort = name.isEmpty ? nil : name
        tables[screen, default: TableShown()].ascending = name.isEmpty ? nil : ascending
        return [.keepTables(TablesKept(tables))]
    }

    private mutating func order(_ screen: ListScreen, by name: String, ascending: Bool) {
        guard let column = screen.columns.firstIndex(where: { $0.sort == name }) else { return }
        switch screen {
        case .contexts: contexts?.list.order = .init(column: column, isAscending: ascending)
        case .requests: requests.list.order = .init(column: column, isAscending: ascending)
        case .operators: operators?.list.order = .init(column: column, isAscending: ascending)
        case .companies, .users, .journeys, .trail, .controlTrail, .migrations: break
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
        case .contexts, .requests, .operators: order(screen, by: name, ascending: ascending)
        case .trail, .controlTrail, .migrations: return []
        }
        tables[screen, default: TableShown()].sort = name
        tables[screen, default: TableShown()].ascending = ascending
        return effects + [.keepTables(TablesKept(tables))]
    }

    /// What orders a list now; no name for the server's own order.
    func order(of screen: ListScreen) -> (name: String, ascending: Bool) {
        func name(_ column: Int?, _ ascending: Bool?) -> (String, Bool) {
            (column.flatMap { screen.columns[$0].sort } ?? "", ascending ?? true)
        }
        return switch screen {
        case .companies: (companies.sort.rawValue, companies.ascending)
        case .users: ((context?.userSort ?? .name).rawValue, context?.userAscending ?? true)
        case .journeys: ((context?.journeySort ?? .updatedAt).rawValue, context?.journeyAscending ?? false)
        case .contexts: name(contexts?.list.order?.column, contexts?.list.order?.isAscending)
        case .requests: name(requests.list.order?.column, requests.list.order?.isAscending)
        case .operators: name(operators?.list.order?.column, operators?.list.order?.isAscending)
        case .trail, .controlTrail, .migrations: ("", true)
        }
    }

    /// The table of a list as it is shown, without its rows.
    func table(_ screen: ListScreen) -> Table {
        let (name, ascending) = order(of: screen)
        return Table(
            columns: screen.columns, rows: [], shown: tables[screen] ?? TableShown(),
            scrolls: true, shift: shifts[screen] ?? 0,
            order: screen.columns.firstIndex { $0.sort == name }.map {
                .init(column: $0, isAscending: ascending)
            })
    }

    /// `h` and `l`: brings the columns on screen that find no room; the first one stays where it is.
    mutating func scrollColumns(_ command: Command) -> [Effect] {
        guard let listScreen else { return perform(command == .scrollLeft ? .back : .open) }
        let most = table(listScreen).mostShift(in: Layout(self).list.inner)
        guard most > 0 else {
            shifts[listScreen] = nil
            let words: DisplayText = "Every column is on screen. ⏎ opens, esc goes back."
            say(words.spelledOut(where: glyphs))
            return []
        }
        let shift = (shifts[listScreen] ?? 0) + (command == .scrollRight ? 1 : -1)
        shifts[listScreen] = min(max(0, shift), most)
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
