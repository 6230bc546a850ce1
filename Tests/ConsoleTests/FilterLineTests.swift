import Tenancy
import Terminal
import Testing

@testable import Console

/// Filters as they are typed, on every list.
struct FilterLineTests {
    @Test func theSyntaxStandsWhereAFilterIsTyped() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        #expect(driver.frame.contains(" text · status:word · !text without it · /expression/ "))
        driver.press(.tab)
        #expect(!driver.frame.contains("!text without it"))
    }

    @Test func aBadExpressionIsToldAtOnceAndTheRowsStay() throws {
        let driver = Driver()
        driver.answerCompanies()
        _ = driver.takeEffects()
        driver.press(.character("/"))
        driver.type("/aw")
        driver.answerCompanies([Fixture.companies[0]])
        driver.answerCompanies([Fixture.companies[0]])
        _ = driver.takeEffects()
        driver.type("(")
        #expect(driver.takeEffects().isEmpty, "nothing is asked for while it is no expression")
        #expect(driver.frame.contains("No expression yet: the ( at 3 is not closed."))
        #expect(driver.frame.contains("Awesome Corp"))
        #expect(driver.frame.contains("/aw("))
        #expect(driver.state.companies.query.filter == "/aw")
        driver.type("e)")
        #expect(!driver.frame.contains("No expression yet"))
        guard case .control(.loadCompanies(_, let query, _)) = driver.takeEffects().first else {
            Issue.record("nothing is asked for")
            return
        }
        #expect(query.filter == "/aw(e)")
    }

    @Test func halfASignAsksForNothing() {
        let driver = Driver.inside()
        driver.press(.character("/"))
        driver.type("!")
        #expect(driver.takeEffects().isEmpty)
        driver.press(.backspace)
        driver.type("/")
        #expect(driver.takeEffects().isEmpty)
        driver.press(.backspace)
        driver.type("!g")
        #expect(driver.state.context?.usersQuery.filter == "!g")
    }

    @Test func contextsAreFilteredAndOrdered() {
        let driver = Driver(level: .admin, login: "bob")
        driver.answerCompanies()
        driver.press(.character("C"))
        driver.answerContexts()
        driver.press(.character("/"))
        driver.type("!blau")
        #expect(driver.state.contexts?.list.visible.map(\.urlID) == ["awesome"])
        #expect(driver.frame.contains("1 of 2"))
        driver.press(.tab, .character("x"))
        #expect(driver.frame.contains("End the context of alice?"))
        driver.press(.escape, .escape)
        #expect(driver.state.contexts?.list.visible.count == 2, "esc clears the filter first")
        driver.press(.character("S"))
        #expect(driver.frame.contains("s orders it by a column"))
        driver.press(.character("s"), .character("s"), .character("S"))
        #expect(driver.frame.contains("COMPANY ↓"))
        #expect(driver.state.contexts?.list.visible.map(\.urlID) == ["blau", "awesome"])
        driver.press(.character("S"))
        #expect(driver.state.contexts?.list.visible.map(\.urlID) == ["awesome", "blau"])
        for _ in 0..<6 { driver.press(.character("s")) }
        #expect(driver.state.contexts?.list.order == nil, "after the last column comes the server's order")
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
    }

    @Test func theSelectionFollowsTheRowThroughFilterAndOrder() {
        let driver = Driver.admin()
        driver.press(.character("O"))
        driver.answerOperators()
        driver.press(.down)
        #expect(driver.state.operators?.selectedOperator?.login == "bob")
        driver.press(.character("s"), .character("S"))
        #expect(driver.state.operators?.list.visible.first?.login.hasPrefix("eve") == true)
        #expect(driver.state.operators?.selectedOperator?.login == "bob")
        driver.press(.character("/"))
        driver.type("/^(bob|alice)$/")
        #expect(driver.state.operators?.list.visible.map(\.login) == ["bob", "alice"])
        driver.type("x")
        #expect(driver.frame.contains("Nothing fits"))
        driver.press(.enter)
        #expect(driver.state.filterTarget == nil, "enter keeps the filter and does nothing else")
        driver.press(.escape)
        #expect(driver.state.operators?.list.visible.count == 3)
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
    }

    @Test func requestsAreFiltered() {
        let driver = Driver(level: .admin, login: "bob")
        driver.answerCompanies()
        driver.send(.control(.requestsChanged))
        driver.answerRequests([Fixture.request("r1"), Fixture.request("r2", by: "dave")])
        driver.press(.character("P"), .character("/"))
        driver.type("!alice")
        #expect(driver.state.requestsScreen?.list.visible.map(\.id) == ["r2"])
        #expect(driver.state.requests.forMe == 2, "who waits is counted, whatever the filter")
        driver.press(.enter, .escape)
        #expect(driver.state.requestsScreen?.list.visible.count == 2)
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
    }

    @Test func theControlTrailIsFilteredByTheServer() {
        let driver = Driver.admin()
        driver.press(.character("L"))
        driver.answerControlTrail(Fixture.controlTrail(951...1000, hasMore: true))
        _ = driver.takeEffects()
        driver.press(.character("/"))
        driver.type("!r")
        guard case .control(.loadControlTrail(_, let filter, let page)) = driver.takeEffects().last else {
            Issue.record("nothing is asked for")
            return
        }
        #expect(filter == "!r")
        #expect(page.place == .start)
        driver.answerControlTrail(Fixture.controlTrail(1...3, hasMore: false))
        #expect(driver.state.controlTrail?.list.rows.count == 3)
        driver.press(.tab, .escape)
        guard case .control(.loadControlTrail(_, "", _)) = driver.takeEffects().last else {
            Issue.record("the filter is not cleared")
            return
        }
        #expect(driver.state.scope == .controlTrail)
    }

    @Test func typingOnCancelsASearchThatTakesLong() throws {
        let driver = Driver.inside()
        let id = try #require(driver.state.context?.id)
        driver.press(.character("/"))
        driver.type("/x")
        _ = driver.takeEffects()
        driver.type("y")
        #expect(driver.takeEffects().isEmpty, "one that is quick is waited for")
        driver.now += 500
        driver.type("z")
        #expect(driver.takeEffects() == [.inside(id, .cancel)])
        let pending = try #require(driver.state.context?.users.pending)
        driver.send(
            .inside(
                id,
                .usersLoaded(pending.request, pending.place, .failure(TenancyError(.cancelled, "cancelled"))))
        )
        #expect(driver.state.notice == nil, "nobody asked for that cancellation")
        guard case .inside(_, .loadUsers(_, let query, _)) = driver.takeEffects().last else {
            Issue.record("the new search is not begun")
            return
        }
        #expect(query.filter == "/xyz")
        #expect(driver.frame.contains("Ada Lovelace"))
        // esc takes the filter away and does not wait either.
        driver.now += 500
        driver.press(.escape)
        #expect(driver.takeEffects() == [.inside(id, .cancel)])
        #expect(driver.state.context?.usersQuery.filter == "")
    }

    @Test func aSearchThatTakesLongIsCancelled() throws {
        let driver = Driver.inside()
        let id = try #require(driver.state.context?.id)
        driver.press(.character("/"))
        driver.type("/x$/")
        driver.press(.tab)
        driver.now += 500
        driver.send(.clockTicked)
        #expect(driver.frame.contains("esc cancels"))
        _ = driver.takeEffects()
        driver.press(.escape)
        #expect(driver.takeEffects() == [.inside(id, .cancel)])
    }

    @Test func theListOfCompaniesIsWholeAgainBehindACompany() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        driver.type("awes")
        while driver.state.companies.list.pending != nil { driver.answerCompanies([Fixture.companies[0]]) }
        driver.press(.enter)
        driver.answerOpening()
        driver.answerUsers()
        driver.press(.character("0"))
        #expect(driver.state.companies.list.filter.isEmpty)
        driver.answerCompanies()
        #expect(driver.state.companies.list.rows.count == Fixture.companies.count)
        #expect(driver.state.companies.list.selected?.urlID == "awesome")
    }

    @Test func theLastRowsHaveTheirNumbersWhereTheyWereCounted() throws {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.enter)
        driver.answerOpening()
        driver.answerUsers(hasMore: true)
        let id = try #require(driver.state.context?.id)
        driver.send(.inside(id, .usersCounted(Count(1240, isExact: true))))
        driver.press(.end)
        driver.answerUsers(hasMore: true)
        #expect(driver.frame.contains("1,240 of 1,240"))
        driver.press(.up)
        #expect(driver.frame.contains("1,239 of 1,240"))
        driver.send(.inside(id, .usersCounted(Count(1240, isExact: false))))
        #expect(!driver.frame.contains("1,239 of"), "an estimate numbers nothing")
    }
}
