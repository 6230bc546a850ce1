import Tenancy
import Terminal
import Testing

@testable import Console

/// A console on one screen, in a state in which one command has something to do.
struct Stage {
    let driver: Driver

    init(_ scope: Scope, for command: Command) throws {
        let isImpersonating = [.edit, .extendImpersonation, .endImpersonation].contains(command)
        driver = isImpersonating ? Self.impersonating() : Self.twoOpen()
        driver.state.showsAuditPane = true
        try reach(scope, for: command)
        try prepare(command)
    }

    /// An admin's console inside Awesome Corp, with Blau open as number 2.
    private static func twoOpen() -> Driver {
        let driver = Driver.inside(columns: 80, rows: 24, level: .admin)
        driver.openBlau()
        driver.press(.character("w"))
        return driver
    }

    private static func impersonating() -> Driver {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        driver.state.shell.identity = Identity(
            operatorName: "alice", level: .admin, serverTime: Fixture.now, engineVersion: "1")
        return driver
    }

    private func reach(_ scope: Scope, for command: Command) throws {
        if scope != .user || !driver.state.isImpersonating { driver.press(.character("2")) }
        if driver.state.context?.users.pending != nil { driver.answerUsers() }
        let hasRequests = scope == .requests
        driver.send(.control(.requestsChanged))
        if driver.state.requests.pending != nil {
            driver.answerRequests(hasRequests ? Self.requests(for: command) : [])
        }
        switch scope {
        case .anywhere, .workspace: break
        case .companies: driver.press(.character("0"))
        case .user, .journey:
            if driver.state.context?.path.isEmpty == true {
                driver.press(.enter)
                driver.answerUser()
            }
            guard scope == .journey else { break }
            driver.press(.enter)
            driver.answerJourney()
        case .audit:
            driver.press(.character("A"))
            driver.answerTrail()
        case .contexts:
            driver.press(.character("C"))
            driver.answerContexts()
        case .requests: driver.press(.character("P"))
        case .operators:
            driver.press(.character("O"))
            driver.answerOperators()
        case .controlTrail:
            driver.press(.character("L"))
            driver.answerControlTrail(Fixture.controlTrail(951...1000, hasMore: false))
        case .migrations:
            driver.press(.character("M"))
            driver.answerMigrations()
        case .proof:
            driver.press(.character("p"))
            driver.answerProof()
        case .tables, .rows, .row:
            driver.press(.character("4"))
            driver.answerTables()
            driver.press(.down)
            guard scope != .tables else { break }
            driver.press(.enter)
            driver.answerRows()
            guard scope == .row else { break }
            driver.press(.enter)
            driver.answerRow()
            if command == .open { driver.press(.down) }
        }
        // The screen is read anew here and there on the way; a command finds it at rest.
        if driver.state.requests.pending != nil {
            driver.answerRequests(hasRequests ? Self.requests(for: command) : [])
        }
        if driver.state.context?.audit.pending != nil { driver.answerAudit() }
        if driver.state.companies.list.pending != nil { driver.answerCompanies() }
    }

    private func prepare(_ command: Command) throws {
        switch command {
        case .up, .pageUp, .halfPageUp, .first: driver.press(.end)
        case .down, .pageDown, .halfPageDown, .last: driver.press(.home)
        case .scrollRight, .scrollLeft:
            // A column as wide as the screen leaves the others without room.
            if let screen = driver.state.listScreen {
                driver.state.tables[screen, default: TableShown()].widths[screen.columns[1].title.string] = 70
            }
            if command == .scrollLeft { driver.press(.right) }
        case .historyBack where driver.state.scope == .workspace:
            driver.press(.character("3"))
            driver.answerJourneys()
        case .historyForward: goAwayAndBack()
        case .reverseSort: driver.press(.character("s"))
        case .closeCompany:
            if driver.state.scope == .companies { driver.press(.home) }
        case .removeOperator: driver.press(.down)
        default: break
        }
    }

    /// Leaves the screen for another one, and comes back to it through the history.
    private func goAwayAndBack() {
        switch driver.state.scope {
        case .workspace:
            driver.press(.character("3"))
            driver.answerJourneys()
            driver.press(.character("["))
        case .user:
            driver.press(.enter)
            driver.answerJourney()
            driver.press(.character("["))
            driver.answerUser()
        case .journey:
            driver.press(.character("2"), .character("["))
            driver.answerJourney()
        default: driver.press(.character("2"), .character("["))
        }
    }

    private static func requests(for command: Command) -> [ApprovalRequest] {
        switch command {
        case .open: [Fixture.request("r1", .approved, mayDecide: false, by: "alice")]
        case .withdraw: [Fixture.request("r1", mayDecide: false, by: "alice")]
        default: [Fixture.request("r1", by: "carol"), Fixture.request("r2", by: "dave")]
        }
    }
}
