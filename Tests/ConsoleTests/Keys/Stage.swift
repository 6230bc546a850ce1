import Tenancy
import Terminal
import Testing

@testable import Console

/// A console on one screen, in a state in which one command has something to do.
struct Stage {
    let driver: Driver

    init(_ scope: Scope, for command: Command) throws {
        let isImpersonating =
            [.edit, .extendImpersonation, .endImpersonation].contains(command)
            && (scope != .ended || command == .extendImpersonation) || scope == .value
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
        driver.state.shell.server.identity = Identity(
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
        case .anywhere, .users: break
        case .overview:
            driver.press(.character("1"))
            driver.answerOverview()
        case .journeys:
            driver.press(.character("3"))
            driver.answerJourneys()
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
            if command == .open || command == .edit { driver.press(.down) }
        case .ended:
            if command == .endImpersonation {
                driver.press(.character("w"))
                driver.impersonate("blau", user: "mia@blau.example")
                driver.press(.character("w"))
            }
            let id = try #require(driver.state.context?.id)
            driver.send(.inside(id, .ended(TenancyError(.contextEnded, "ended"))))
        case .filterLine, .help, .helpSearch, .palette, .themes, .columns, .menu, .pick, .record, .evidence,
            .frequency, .token, .waiting, .question, .reason, .typedName, .impersonation, .form, .export,
            .value:
            try reachOverScreen(scope)
        }
        // The screen is read anew here and there on the way; a command finds it at rest.
        if driver.state.requests.pending != nil {
            driver.answerRequests(hasRequests ? Self.requests(for: command) : [])
        }
        if driver.state.context?.audit.pending != nil { driver.answerAudit() }
        if driver.state.companies.list.pending != nil { driver.answerCompanies() }
    }

    /// Opens what lies over a screen, and waits until it is there.
    private func reachOverScreen(_ scope: Scope) throws {
        switch scope {
        case .filterLine: driver.press(.character("/"))
        case .help: driver.press(.character("?"))
        case .helpSearch: driver.press(.character("?"), .character("/"))
        case .palette: driver.press(.character(":"))
        case .themes: driver.press(.character("T"))
        case .columns: driver.press(.character("c"))
        case .menu: driver.press(.character("y"))
        case .record:
            try reach(.audit, for: .open)
            driver.press(.enter)
        case .evidence:
            try reach(.proof, for: .open)
            driver.press(.enter)
        case .pick, .frequency:
            try reach(.rows, for: .frequency)
            driver.press(.character("F"))
            if scope == .frequency { driver.press(.enter) }
        case .token: driver.press(.character("t"))
        case .waiting:
            driver.state.wait = ApprovalWait(
                Fixture.request("r1"), wish: ImpersonationRequest(claiming: Fixture.request("r1")),
                now: driver.now)
            driver.state.shell.overlays = [.waiting(WaitingState())]
        case .question: driver.press(.control("c"))
        case .reason:
            try reach(.contexts, for: .endContext)
            driver.press(.character("x"))
        case .typedName:
            try reach(.companies, for: .administer)
            driver.press(.home, .character("e"), .character("s"))
        case .impersonation: driver.press(.character("i"))
        case .form:
            try reach(.companies, for: .createCompany)
            driver.press(.character("n"))
        case .export: driver.press(.character("x"))
        case .value:
            try reach(.row, for: .edit)
            driver.press(.character("e"))
        default: break
        }
        driver.present()
    }

    private func prepare(_ command: Command) throws {
        if driver.state.keyScope.isOverScreen { return try prepareOverScreen(command) }
        switch command {
        case .up, .pageUp, .halfPageUp, .first: driver.press(.end)
        case .down, .pageDown, .halfPageDown, .last: driver.press(.home)
        case .scrollRight, .scrollLeft:
            // A column as wide as the screen leaves the others without room.
            if let screen = driver.state.listScreen {
                driver.state.lists.tables[screen, default: TableShown()].widths[
                    screen.columns[1].title.string] = 70
            }
            if command == .scrollLeft { driver.press(.right) }
        case .historyBack where driver.state.scope == .users:
            driver.press(.character("3"))
            driver.answerJourneys()
            driver.press(.character("2"))
        case .historyForward: goAwayAndBack()
        case .reverseSort: driver.press(.character("s"))
        case .closeCompany:
            if driver.state.scope == .companies { driver.press(.home) }
        case .removeOperator: driver.press(.down)
        default: break
        }
    }

    private func prepareOverScreen(_ command: Command) throws {
        switch command {
        case .up where driver.state.keyScope.takesText, .pageUp where driver.state.keyScope.takesText:
            driver.press(.down)
        case .up, .pageUp, .halfPageUp, .first: driver.press(.end)
        case .previousField:
            driver.press([.palette, .helpSearch].contains(driver.state.keyScope) ? .down : .tab)
        case .naturalWidth: driver.press(.character(">"))
        case .sort: driver.press(.down)
        case .copy where driver.state.keyScope == .token:
            let id = try #require(driver.state.context?.id)
            driver.press(.character("s"))
            driver.send(.inside(id, .tokenShown("piste.v1.shown")))
        default: break
        }
    }

    /// Leaves the screen for another one, and comes back to it through the history.
    private func goAwayAndBack() {
        switch driver.state.scope {
        case .users:
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
