import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

extension Fixture {
    static let fleet = [
        FleetShare(version: 1, target: 2, state: .failed, companies: 1),
        FleetShare(version: 1, target: 2, state: .pending, companies: 40),
        FleetShare(version: 1, target: 2, state: .waiting, companies: 1),
        FleetShare(version: 2, target: 2, state: .done, companies: 158),
    ]

    static func migration(
        _ urlID: String, _ state: CompanyMigration.State, milliseconds: Int? = 840, error: String? = nil
    ) -> CompanyMigration {
        CompanyMigration(
            urlID: urlID, version: state == .done ? 2 : 1, target: 2, state: state,
            failure: error.map { CompanyMigration.Failure(sqlState: "23514", message: $0) },
            startedAt: state == .pending ? nil : now.addingTimeInterval(-3600),
            milliseconds: state == .pending ? nil : milliseconds, attempts: state == .pending ? nil : 2,
            doneBy: state == .pending ? nil : "bob")
    }

    static let migrations = [
        migration("awesome", .done), migration("blau", .pending),
        migration("hokkaido", .done, milliseconds: 72_300),
        migration(
            "hostile", .failed, milliseconds: 12_340,
            error: "check constraint \"position\" is violated by some row \u{1B}[2J of journey_steps"),
        migration("sleepy", .waiting, error: "its tables are in use"),
    ]
}

extension Driver {
    /// The fleet on its way, on an admin's screen.
    static func migrations(_ size: Size = Size(columns: 80, rows: 24)) -> Driver {
        let driver = admin(size)
        driver.press(.character("M"))
        driver.answerMigrations()
        _ = driver.takeEffects()
        return driver
    }

    func answerMigrations(_ companies: [CompanyMigration] = Fixture.migrations) {
        guard let screen = state.migrations, let pending = screen.list.pending else {
            Issue.record("no companies were asked for")
            return
        }
        send(
            .control(
                .migrationsLoaded(
                    pending.request, pending.place, .success(Page(rows: companies, hasMore: false)))))
        if let request = screen.fleetPending {
            send(.control(.fleetLoaded(request, .success(Fixture.fleet))))
        }
    }
}
