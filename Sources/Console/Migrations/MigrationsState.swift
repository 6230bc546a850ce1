import Tenancy

/// The fleet on its way to the newest blueprint: a window onto its companies, and how many stand where.
struct MigrationsState: Equatable, Sendable {
    /// How often it is read again while a company is being migrated.
    static let pace: Milliseconds = 2000

    var list = ListState<CompanyMigration>()
    var fleet: [FleetShare] = []
    var fleetPending: RequestID?
    /// When the counts came in.
    var readAt: Milliseconds = 0
    /// The state whose companies are listed; nil lists all.
    var shown: CompanyMigration.State?

    var newest: Int? { fleet.first?.target }
    var companies: Int { fleet.reduce(0) { $0 + $1.companies } }
    func count(_ state: CompanyMigration.State) -> Int {
        fleet.filter { $0.state == state }.reduce(0) { $0 + $1.companies }
    }

    /// How many companies the list has, as it is filtered.
    var listed: Int? {
        fleet.isEmpty || !list.meaning.text.isEmpty ? nil : shown.map(count) ?? companies
    }

    /// The filters worth choosing, in their order: all, and the states that some company is in.
    var choices: [CompanyMigration.State?] {
        [nil] + CompanyMigration.State.allCases.filter { count($0) > 0 || $0 == shown }
    }

    /// When it is to be read again by itself; nil when nothing is being migrated.
    var refreshAt: Milliseconds? {
        count(.running) > 0 && fleetPending == nil ? readAt + Self.pace : nil
    }
}

extension CompanyMigration: Anchored {
    var anchor: String { urlID }
}
