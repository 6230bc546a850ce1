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
}
