import Terminal

/// A list whose rows are marked, and whose columns are chosen.
enum ListScreen: String, Sendable {
    case companies, users, journeys

    /// Every column it has; the first one always stands.
    var columns: [Column] {
        switch self {
        case .companies: CompaniesView.columns
        case .users: UsersView.columns
        case .journeys: JourneysView.columns
        }
    }
}

extension ConsoleState {
    /// The list on screen; nil where there is none whose rows can be marked.
    var listScreen: ListScreen? {
        switch scope {
        case .companies: return .companies
        case .workspace:
            guard let context, context.ended == nil else { return nil }
            switch context.tab {
            case .users: return .users
            case .journeys: return .journeys
            case .overview, .audit: return nil
            }
        case .user, .journey, .audit, .contexts, .requests, .operators, .controlTrail, .migrations, .proof,
            .anywhere:
            return nil
        }
    }
}
