import Tenancy
import Terminal
import Testing

@testable import Console

/// `[` and `]`: the screens of one context, and of no other.
struct HistoryTests {
    @Test func backAndForwardThroughTheScreens() throws {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.press(.character("3"))
        driver.answerJourneys()
        driver.press(.character("["))
        #expect(driver.state.scope == .user)
        guard case .inside(_, .loadUser(_, 1)) = driver.takeEffects().last else {
            Issue.record("the user is not read anew")
            return
        }
        driver.answerUser()
        #expect(driver.frame.contains("ada@awesome.example"))
        driver.press(.character("["))
        #expect(driver.state.context?.tab == .users)
        #expect(driver.state.scope == .users)
        driver.press(.character("["))
        #expect(driver.frame.contains("There is no screen before this one"))
        driver.press(.character("]"), .character("]"))
        #expect(driver.state.context?.tab == .journeys)
        driver.press(.character("]"))
        #expect(driver.frame.contains("There is no screen after this one"))
    }

    @Test func aNewScreenCutsOffWhatLayForward() {
        let driver = Driver.inside()
        driver.press(.character("3"))
        driver.answerJourneys()
        driver.press(.character("["), .character("1"), .character("]"))
        #expect(driver.state.context?.tab == .overview)
        #expect(driver.frame.contains("There is no screen after this one"))
    }

    @Test func nothingLeadsBackIntoAnotherContext() {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.press(.escape, .escape, .down, .enter)
        driver.answerOpening()
        driver.answerUsers([])
        #expect(driver.state.context?.urlID == "blau")
        driver.press(.character("["))
        #expect(driver.state.context?.urlID == "blau")
        #expect(driver.state.context?.path == [])
        #expect(!driver.frame.contains("Ada Lovelace"))
        #expect(driver.frame.contains("There is no screen before this one"))
    }

    @Test func anEndedContextHasNoScreensToGoBackTo() throws {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        let id = try #require(driver.state.context?.id)
        driver.send(.inside(id, .ended(TenancyError(.contextEnded, "ended"))))
        driver.press(.character("["))
        #expect(driver.state.context?.path == [])
        #expect(!driver.frame.contains("Ada Lovelace"))
        #expect(driver.state.context?.history == History())
    }

    @Test func comingUpFromAStopReadsTheScreenBelow() {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.press(.enter)
        driver.answerJourney()
        driver.press(.character("2"), .character("["))
        driver.answerJourney()
        driver.press(.escape)
        #expect(driver.state.scope == .user)
        driver.answerUser()
        #expect(driver.frame.contains("Onboarding"))
    }
}
