import Terminal

/// A list whose columns are chosen; its name is what the choice is kept by.
enum ListScreen: String, CaseIterable, Sendable {
    case companies, users, journeys, trail, contexts, requests, operators, controlTrail, migrations

    /// Every column it has; the first one always stands.
    var columns: [Column] {
        switch self {
        case .companies: CompaniesView.columns
        case .users: UsersView.columns
        case .journeys: JourneysView.columns
        case .trail, .controlTrail: TrailTable.columns
        case .contexts: ContextsView.columns
        case .requests: RequestsView.columns
        case .operators: OperatorsView.columns
        case .migrations: MigrationsView.columns
        }
    }

    /// Whether its rows are marked and exported.
    var hasMarks: Bool {
        switch self {
        case .companies, .users, .journeys: true
        case .trail, .contexts, .requests, .operators, .controlTrail, .migrations: false
        }
    }
}

extension ConsoleState {
    /// The list on screen; nil where there is none.
    var listScreen: ListScreen? {
        if let screen = controlScreen { return type(of: screen.screen).table }
        return context?.screen.flatMap { type(of: $0.screen).table }
    }
}

extension [Column] {
    /// The same columns, those ordering by which the rows know how.
    func ordering<Row: ShortRow>(_: Row.Type) -> [Column] {
        enumerated().map { place, column in
            var column = column
            let isOrdering = Row.orders.indices.contains(place) && Row.orders[place] != nil
            column.sort = isOrdering ? column.title.string : nil
            return column
        }
    }
}
