import Tenancy
import Terminal
import Testing

@testable import Console

/// Requests for an approval: seen, decided, waited for.
struct RequestTests {
    // MARK: How it looks

    @Test func theMarkOnOtherScreens() throws {
        let driver = Driver.deciding()
        #expect(driver.frame.contains("P 1 request  bob · admin"))
        driver.send(.control(.requestsChanged))
        driver.answerRequests([])
        #expect(!driver.frame.contains("P 1 request"))
    }

    @Test func theFormSaysWhatTheCompanyAllows() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("i"))
        #expect(driver.takeEffects() == [.control(.loadCompany("awesome"))])
        driver.send(.control(.companyLoaded(Fixture.strict)))
        driver.type("because")
        driver.press(.tab, .tab, .tab)
        driver.type("awesome")
        driver.press(.enter)
        #expect(driver.frame.contains("The policy of this company wants a ticket."))
        driver.type("SUP-1")
        driver.press(.tab)
        driver.type("11")
        driver.press(.tab, .enter)
        #expect(driver.frame.contains("Minutes must be a number from 1 to 10."))
        #expect(driver.state.opening == nil)
    }

    @Test func theOverviewTellsThePolicy() {
        let driver = Driver.inside()
        driver.press(.character("1"))
        driver.answerOverview()
        #expect(driver.frame.contains("30 min, read+write"))
        driver.send(.control(.companyLoaded(Fixture.strict)))
        #expect(driver.frame.contains("needs an approval"))
        #expect(driver.frame.contains("10 min, read-only"))
        #expect(driver.frame.contains("required: SUP-[0-9]+"))
    }

    // MARK: Deciding

    @Test func decidesWithAReasonAndNeverByEnterAlone() {
        let driver = Driver.deciding()
        driver.press(.character("P"), .character("a"))
        driver.press(.enter)
        #expect(driver.frame.contains("A reason is needed"))
        driver.type("known customer")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
        driver.press(.enter, .enter)
        #expect(driver.takeEffects().isEmpty, "Enter does not confirm")
        driver.press(.character("y"))
        #expect(
            driver.takeEffects() == [
                .control(.decide(request: "r1", approve: true, reason: "known customer"))
            ])
        driver.press(.character("x"))
        driver.type("no")
        driver.press(.enter, .escape)
        #expect(driver.takeEffects().isEmpty)
        driver.press(.character("x"))
        driver.type("no")
        driver.press(.enter, .character("y"))
        #expect(driver.takeEffects() == [.control(.decide(request: "r1", approve: false, reason: "no"))])
    }

    @Test func bufferedKeysDecideNothing() {
        let driver = Driver.deciding()
        driver.press(.character("P"))
        for key: Key in [.character("a"), .character("x"), .enter, .character("y")] {
            driver.send(.input(.key(key)))
        }
        #expect(driver.takeEffects().isEmpty)
        // Neither does a paste that brings its own reason and its own yes.
        driver.present()
        driver.send(.input(.paste("x\ny")))
        driver.send(.input(.key(.enter)))
        driver.send(.input(.key(.character("y"))))
        #expect(driver.takeEffects().isEmpty)
        driver.present()
        driver.press(.character("y"))
        #expect(
            driver.takeEffects().contains {
                if case .control(.decide(request: "r1", approve: true, _)) = $0 { true } else { false }
            })
    }

    @Test func ownRequestsAreWithdrawnNotDecided() {
        let driver = Driver.deciding()
        driver.press(.character("P"), .down, .character("a"))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("Nobody decides about a request of their own"))
        driver.press(.character("w"), .character("y"))
        #expect(driver.takeEffects() == [.control(.withdraw(request: "r2"))])
    }

    @Test func theListFollowsTheServerAndKeepsItsSelection() {
        let driver = Driver.deciding()
        driver.press(.character("P"), .down)
        driver.send(.control(.requestsChanged))
        driver.send(.control(.requestsChanged))
        #expect(driver.takeEffects().count == 1, "one reading at a time")
        driver.answerRequests([
            Fixture.request("r3"), Fixture.request("r1"), Fixture.request("r2", mayDecide: false, by: "bob"),
        ])
        #expect(driver.state.requestsScreen?.list.selected == "r2")
        #expect(driver.takeEffects().count == 1, "what changed meanwhile is read again")
        driver.answerRequests([Fixture.request("r3")])
        #expect(driver.state.requestsScreen?.list.selected == "r3")
        driver.send(.control(.requestsChanged))
        driver.answerRequests([])
        _ = driver.takeEffects()
        #expect(driver.frame.contains("Nobody waits for an approval."))
        driver.press(.character("a"), .character("x"), .character("w"), .enter)
        #expect(driver.takeEffects().isEmpty)
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
    }

    @Test func aViewerIsToldWhoDecides() {
        let driver = Driver(level: .viewer)
        #expect(!driver.takeEffects().contains(.control(.watchRequests)))
        driver.press(.character("P"))
        #expect(driver.frame.contains("Requests are for support and admins."))
        #expect(Driver(level: .support).takeEffects().contains(.control(.watchRequests)))
    }

    @Test func costsNothingWhileNobodyLooks() {
        let driver = Driver.deciding()
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
        driver.press(.character("P"))
        #expect(driver.state.untilNextChange(at: driver.now) == 1000)
        #expect(driver.frame.contains("for you  14:00"))
        driver.now += 61_000
        driver.send(.clockTicked)
        #expect(driver.frame.contains("for you  12:59"), "it counts without a context too")
    }

    // MARK: Waiting

    @Test func anApprovalOpensWhatIsWaitedFor() throws {
        let driver = try Driver.waiting()
        #expect(driver.frame.contains("Waiting for a second operator"))
        _ = driver.takeEffects()
        driver.send(.control(.requestLoaded(Fixture.request("r1", mayDecide: false))))
        driver.send(.control(.requestsChanged))
        #expect(driver.takeEffects().contains(.control(.loadRequest("r1"))))
        driver.send(.control(.requestLoaded(Fixture.request("r1", .approved, mayDecide: false))))
        let opening = try #require(driver.state.opening)
        guard case .impersonation(let wish) = opening.intent else {
            Issue.record("\(opening.intent)")
            return
        }
        #expect(wish.approval == "r1")
        driver.answerOpening(minutes: 10, purpose: .impersonation, subject: "ada@awesome.example")
        #expect(driver.state.isImpersonating)
        #expect(driver.state.wait == nil && driver.state.overlays.isEmpty)
        driver.press(.character("E"))
        #expect(driver.state.context?.open.purpose == .access, "back where it began")
    }

    @Test func leavingTheWaitLosesNothing() throws {
        let driver = try Driver.waiting()
        driver.press(.escape)
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("The request waits on; P lists it."))
        driver.press(.down)
        #expect(driver.frame.contains("P waiting"))
        _ = driver.takeEffects()
        driver.send(.control(.requestLoaded(Fixture.request("r1", .approved, mayDecide: false))))
        #expect(driver.state.opening == nil, "nothing opens under somebody's hands")
        #expect(driver.frame.contains("is approved: P, then ⏎"))
        driver.send(.control(.requestsChanged))
        driver.answerRequests([Fixture.request("r1", .approved, mayDecide: false)])
        driver.press(.character("P"))
        #expect(driver.frame.contains("by bob: because"))
        driver.press(.enter)
        guard case .impersonation(let wish) = driver.state.opening?.intent else {
            Issue.record("nothing is being opened")
            return
        }
        #expect(wish.approval == "r1")
    }

    @Test func aDenialSaysByWhomAndWhy() throws {
        let driver = try Driver.waiting()
        driver.send(.control(.requestLoaded(Fixture.request("r1", .denied, mayDecide: false))))
        #expect(driver.frame.contains("bob denied it."))
        #expect(driver.frame.contains("because"))
        #expect(driver.state.opening == nil)
        #expect(
            driver.state.untilNextChange(at: driver.now).map { $0 <= 1000 } == true, "the context's countdown"
        )
        driver.press(.escape)
        #expect(driver.state.wait == nil && driver.state.overlays.isEmpty)
        let left = try Driver.waiting()
        left.press(.escape)
        left.send(.control(.requestLoaded(Fixture.request("r1", .denied, mayDecide: false))))
        #expect(left.frame.contains("was denied: because"))
        #expect(left.state.wait == nil)
    }

    @Test func anApprovalOfSomethingElseOpensNothing() throws {
        let driver = try Driver.waiting()
        _ = driver.takeEffects()
        driver.send(.control(.requestLoaded(Fixture.request("r9", .approved, mayDecide: false))))
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("Waiting for a second operator"))
    }
}
