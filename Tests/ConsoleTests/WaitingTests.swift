import Tenancy
import Terminal
import Testing

@testable import Console

/// What a list says of a read that takes its time, fails or is stopped.
struct WaitingTests {
    @Test func aReadThatWorksTakesTheOldErrorAway() throws {
        let driver = Driver.inside()
        driver.press(.character("C"))
        var pending = try #require(driver.state.contexts?.pending)
        driver.send(.control(.contextsLoaded(pending, .failure(TenancyError(.failed, "no luck today")))))
        #expect(driver.frame.contains("No luck today") || driver.frame.contains("no luck today"))
        driver.press(.character("r"))
        pending = try #require(driver.state.contexts?.pending)
        driver.send(.control(.contextsLoaded(pending, .success([]))))
        #expect(driver.frame.contains("No context is open."))
    }

    @Test func aListThatBecameShorterShowsAllOfIt() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("C"))
        driver.answerAll()
        driver.press(.end, .character("r"))
        let pending = try #require(driver.state.contexts?.pending)
        driver.send(.control(.contextsLoaded(pending, .success(Array(HundredRows.contexts.suffix(3))))))
        for number in 98...100 { #expect(driver.frame.contains("op-\(number)")) }
    }

    @Test(arguments: [Key.character("P"), .character("C"), .character("O"), .character("L"), .character("M")])
    func everyControlScreenShowsThatItWaitsAndCanBeStopped(key: Key) {
        let driver = Driver(columns: 100, rows: 30, level: .admin, login: "bob")
        driver.answerAll()
        driver.press(key)
        let scope = driver.state.scope
        driver.answerAll()
        _ = driver.takeEffects()
        driver.press(.character("r"))
        driver.now += 500
        driver.send(.clockTicked)
        #expect(driver.frame.contains("esc cancels"))
        #expect(driver.state.untilNextChange(at: driver.now).map { $0 <= Spinner.pace } == true)
        _ = driver.takeEffects()
        driver.press(.escape)
        #expect(driver.takeEffects() == [.control(.cancel)])
        #expect(driver.state.scope == scope)
    }

    /// Whoever floods the channel gets one read after the other at most, and no loop.
    @Test func aForgedNotificationMakesOneReadAndOneMore() throws {
        let driver = try Driver.waiting()
        for _ in 0..<500 { driver.send(.control(.requestsChanged)) }
        let asked = driver.takeEffects()
        #expect(asked.count { if case .control(.loadRequests) = $0 { true } else { false } } == 1)
        #expect(asked.count { if case .control(.loadRequest) = $0 { true } else { false } } == 1)
        driver.answerRequests([])
        driver.send(.control(.requestUnread))
        let again = driver.takeEffects()
        #expect(again.count { if case .control(.loadRequests) = $0 { true } else { false } } == 1)
        #expect(again.count { if case .control(.loadRequest) = $0 { true } else { false } } == 1)
        driver.answerRequests([])
        driver.send(.control(.requestUnread))
        #expect(driver.takeEffects() == [], "then it rests")
    }

    @Test func whatSomebodyStoppedDoesNotBeginAgain() throws {
        let driver = Driver.deciding()
        driver.press(.character("P"), .character("r"))
        driver.send(.control(.requestsChanged))
        driver.now += 500
        driver.press(.escape)
        let pending = try #require(driver.state.requests.pending)
        _ = driver.takeEffects()
        driver.send(.control(.requestsLoaded(pending, .failure(TenancyError(.cancelled, "cancelled")))))
        #expect(driver.takeEffects() == [])
        #expect(driver.frame.contains("Cancelled, in PostgreSQL too."))
    }
}
