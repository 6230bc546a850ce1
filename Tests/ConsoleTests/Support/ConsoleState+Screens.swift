import Tenancy

@testable import Console

/// The screen on top, where it is the one that a test speaks of.
extension ConsoleState {
    private func screen<Wanted: Screen>() -> Wanted? { top?.screen as? Wanted }

    var contexts: ContextsScreen? { screen() }
    var requestsScreen: RequestsScreen? { screen() }
    var operators: OperatorsScreen? { screen() }
    var controlTrail: ControlTrailScreen? { screen() }
    var migrations: MigrationsScreen? { screen() }
    var proof: ProofScreen? { screen() }
}

extension ContextsScreen {
    var pending: RequestID? { list.reading.pending }
}

extension OperatorsScreen {
    var pending: RequestID? { list.reading.pending }
    var isLoaded: Bool { list.reading.isLoaded }
}

/// The screens of a company, where a test speaks of one.
extension ContextState {
    private func first<Wanted: TenantScreen>(of tab: Tab) -> Wanted? { self[tab].screen as? Wanted }

    var users: ListState<User> { (first(of: .users) as UsersScreen?)?.list ?? ListState() }
    var journeys: ListState<Journey> { (first(of: .journeys) as JourneysScreen?)?.list ?? ListState() }
    var usersQuery: UsersQuery {
        (first(of: .users) as UsersScreen?)?.query ?? UsersQuery(filter: "", sort: .name, ascending: true)
    }
    var overview: OverviewScreen { first(of: .overview) ?? OverviewScreen() }
    var user: UserScreen? { path.last?.screen as? UserScreen }
    var journey: JourneyScreen? { path.last?.screen as? JourneyScreen }
}

extension OverviewScreen {
    var pending: RequestID? { reading.pending }
    var top: Int { list.top }
}

extension UserScreen {
    var pending: RequestID? { reading.pending }
}

extension JourneyScreen {
    var pending: RequestID? { reading.pending }
}

extension TrailScreen {
    var trail: ListState<AuditRecord> { list }
}
