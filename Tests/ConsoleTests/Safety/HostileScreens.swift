import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// Drives the console over a hostile database through every screen and overlay, and looks at each frame.
final class HostileScreens {
    private let driver: Driver
    private var rows: HostileRows
    private let look: (ConsoleState, String) -> Void

    init(
        columns: Int, rows height: Int, with rows: HostileRows,
        look: @escaping (ConsoleState, String) -> Void
    ) {
        self.rows = rows
        self.look = look
        driver = Driver(columns: columns, rows: height, level: .admin, login: "bob")
        driver.state.server.login = self.rows.text()
        driver.state.server.target = self.rows.text()
        driver.state.looks.themes = [self.rows.text(), "piste", self.rows.text()]
    }

    private func show(_ name: String) {
        look(driver.state, name)
        driver.present()
    }

    private func press(_ keys: Key..., showing name: String) {
        for key in keys {
            driver.press(key)
            show("\(name), after \(key)")
        }
    }

    func walk() {
        control()
        company()
        impersonation()
        trouble()
    }

    // MARK: What lies outside of companies

    private func control() {
        driver.send(.control(.linkFailed(rows.error(.unreachable))))
        show("no link")
        driver.send(
            .control(
                .linked(
                    Identity(
                        operatorName: rows.text(), level: .admin, serverTime: Fixture.now,
                        engineVersion: rows.text()))))
        driver.answerCompanies(rows.companies(), hasMore: true)
        show("companies")
        press(.down, .down, .character(" "), .character("y"), .escape, showing: "companies")
        answerCompaniesIfAsked()
        press(.character("e"), showing: "administration")
        for key in ["r", "p", "s", "k"] as [Character] {
            press(.character(key), showing: "administration")
            driver.send(.input(.paste(rows.text())))
            show("a form with a paste")
            press(.enter, .escape, .escape, .character("e"), showing: "a form")
        }
        press(.escape, .character("n"), showing: "a new company")
        driver.send(.input(.paste(rows.text())))
        press(.enter, .enter, .enter, .escape, .escape, showing: "a new company")
        press(.character("i"), showing: "the impersonation form")
        driver.send(.input(.paste(rows.text())))
        press(.enter, .enter, .enter, .enter, .escape, showing: "the impersonation form")
        driver.send(.control(.requestsChanged))
        driver.answerRequests(rows.requests())
        press(.character("P"), .down, .character("x"), .escape, .down, showing: "requests")
        press(.escape, .character("C"), showing: "contexts")
        if let pending = driver.state.contexts?.pending {
            driver.send(.control(.contextsLoaded(pending, .success(rows.contexts()))))
        }
        press(.down, .character("x"), .escape, .escape, showing: "contexts")
        press(.character("O"), showing: "operators")
        driver.answerOperators(rows.operators())
        press(.down, .character("x"), .escape, .escape, showing: "operators")
        press(.character("L"), showing: "the control trail")
        driver.answerControlTrail(Page(rows: rows.records(), hasMore: true))
        press(.down, .enter, .character("y"), .escape, .escape, .escape, showing: "the control trail")
        press(.character("p"), showing: "a proof")
        driver.answerProof(rows.proof())
        press(.down, .enter, .down, .escape, .escape, showing: "a proof")
        press(.character("T"), .down, .escape, showing: "themes")
        press(.character(":"), showing: "the palette")
        driver.type("company ")
        show("the palette with companies")
        driver.send(.input(.paste(rows.text())))
        press(.escape, .character("/"), showing: "the palette with a paste")
        driver.send(.input(.paste(rows.text())))
        answerCompaniesIfAsked()
        press(.escape, .character("?"), .escape, showing: "a hostile filter")
        answerCompaniesIfAsked()
        for said in [
            Action.terminal(.noticed(rows.text())), .terminal(.copied(rows.text())),
            .terminal(.copyFailed(rows.text())),
        ] {
            driver.send(said)
            show("a notice")
        }
    }

    /// A hostile filter may come to nothing once it is one line, and then nothing is asked for.
    private func answerCompaniesIfAsked() {
        while driver.state.companies.list.pending != nil { driver.answerCompanies(rows.companies()) }
    }

    // MARK: Inside

    private func open(_ purpose: OpenContext.Purpose) {
        guard let opening = driver.state.opening else {
            Issue.record("no context is being opened")
            return
        }
        driver.send(.inside(opening.id, .opened(rows.context(purpose), opening.intent)))
    }

    /// Tables, rows and a row with hostile names, types and values; the users are back on screen afterwards.
    private func tables() {
        press(.character("4"), showing: "tables")
        let tables = rows.tables()
        driver.answerTables(tables)
        press(.down, .up, .character("y"), .escape, .enter, showing: "tables")
        driver.answerRows((0..<40).map { rows.row($0, of: tables[0]) }, hasMore: true)
        press(.down, .character(" "), .character("y"), .escape, .character("x"), .escape, showing: "rows")
        press(.character("c"), .down, .enter, .escape, .character("b"), .escape, showing: "rows")
        press(.character("F"), .enter, showing: "counting")
        for case .inside(let id, .loadFrequency(let request, _, _, _)) in driver.takeEffects() {
            let shares = (1...30).map {
                ColumnFrequency.Share(value: TableValue(rows.text()), rows: Int64($0))
            }
            let counted = ColumnFrequency(shares: shares, rows: 465, different: 30, isSample: true)
            driver.send(.inside(id, .frequencyLoaded(request, .success(counted))))
        }
        press(.down, .escape, .character("/"), showing: "counted values")
        driver.send(.input(.paste(rows.text())))
        press(.escape, showing: "rows")
        for _ in 0..<3 {
            guard let id = driver.state.context?.id,
                let pending = driver.screen(RowsScreen.self)?.list.pending
            else { break }
            let page = Page(rows: (0..<40).map { rows.row($0, of: tables[0]) }, hasMore: false)
            driver.send(.inside(id, .rowsLoaded(pending.request, pending.place, .success(page))))
        }
        press(.enter, showing: "a row")
        _ = driver.takeEffects()
        press(.character("r"), showing: "a row")
        driver.answerRow(rows.row(1, of: tables[0]))
        press(.down, .pageDown, .end, .character("b"), .escape, .character("2"), showing: "a row")
        if driver.state.context?.users.pending != nil { driver.answerUsers(rows.users(), hasMore: true) }
    }

    private func company() {
        press(.enter, showing: "opening")
        open(.access)
        driver.answerUsers(rows.users(), hasMore: true)
        driver.answerAudit(rows.records())
        tables()
        show("users")
        press(.down, .character(" "), .character("y"), .escape, .character("x"), showing: "users")
        driver.send(.input(.paste(rows.text())))
        press(.escape, .character("c"), .escape, .character("t"), showing: "users")
        if let id = driver.state.context?.id { driver.send(.inside(id, .tokenShown(rows.text()))) }
        press(.escape, .enter, showing: "the token card")
        answerUser()
        press(.down, .character("y"), .escape, .enter, showing: "a user")
        driver.answerJourney(JourneyDetail(journey: rows.journeys()[0], steps: rows.steps()))
        press(.down, .character("y"), .escape, .escape, .escape, showing: "a journey")
        press(.character("3"), showing: "journeys")
        if let context = driver.state.context, let pending = context.journeys.pending {
            driver.send(
                .inside(
                    context.id,
                    .journeysLoaded(
                        pending.request, pending.place,
                        .success(Page(rows: rows.journeys(), hasMore: true)))))
        }
        press(.down, .character("y"), .escape, .character("1"), showing: "journeys")
        if let context = driver.state.context, let pending = context.overview.pending {
            driver.send(.inside(context.id, .overviewLoaded(pending, .success(rows.overview()))))
        }
        show("overview")
        press(.character("5"), showing: "audit")
        driver.answerTrail(rows.records())
        press(.down, .enter, showing: "audit")
        if let context = driver.state.context, let record = context.audit.trail.selected {
            driver.send(.inside(context.id, .valuesLoaded(record.id, .success(rows.text()))))
            show("a record's values")
        }
        press(.down, .character("y"), .escape, .escape, showing: "audit")
        press(.character("/"), showing: "audit")
        driver.send(.input(.paste(rows.text())))
        press(.escape, .character("2"), showing: "audit with a filter")
    }

    private func answerUser() {
        let journeys = rows.journeys()
        let detail = UserDetail(user: rows.users()[0], journeys: journeys, steps: rows.steps())
        driver.answerUser(detail)
    }

    private func impersonation() {
        guard let context = driver.state.context else { return }
        driver.state.known[context.urlID] = nil
        let effects = driver.state.open(
            .impersonation(
                ImpersonationRequest(
                    urlID: context.urlID, reason: rows.text(), ticket: rows.text(), user: rows.text())))
        #expect(effects.count == 1)
        open(.impersonation)
        driver.answerUsers(rows.users())
        show("impersonating, users")
        press(.enter, showing: "impersonating")
        answerUser()
        press(.character("e"), .character("s"), .escape, .escape, showing: "impersonating, a change")
        guard let context = driver.state.context else { return }
        driver.send(.inside(context.id, .changed(rows.text(), .success(true))))
        show("changed")
        driver.send(.inside(context.id, .changed(rows.text(), .failure(rows.error()))))
        show("not changed")
        driver.state.idleLock.limit = 1
        driver.now += 10
        driver.send(.clockTicked)
        #expect(driver.state.idleLock.isLocked)
        show("locked")
        driver.press(.enter)
        driver.state.idleLock.limit = nil
    }

    // MARK: What goes wrong

    private func trouble() {
        guard let context = driver.state.context else { return }
        driver.send(.inside(context.id, .interrupted))
        show("interrupted")
        driver.send(.inside(context.id, .ended(rows.error(.contextEnded))))
        show("ended")
        press(.escape, showing: "after the end")
        driver.send(.inside(ContextID(number: 999), .refused(.access(urlID: ""), rows.error(.refused))))
        driver.send(.control(.linkLost(rows.error(.unreachable))))
        show("the link is lost")
        driver.send(.input(.resize(Size(columns: 20, rows: 5))))
        show("no room")
    }
}
