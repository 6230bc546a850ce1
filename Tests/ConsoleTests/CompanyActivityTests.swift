import Tenancy
import Terminal
import Testing

@testable import Console

/// How busy a company was, in the preview of the list: counts, once the selection has rested.
struct CompanyActivityTests {
    private static let days = (0..<28).map { ($0 * 5) % 11 }

    private func rested(columns: Int = 100, rows: Int = 30) -> Driver {
        let driver = Driver(columns: columns, rows: rows)
        driver.answerCompanies()
        _ = driver.takeEffects()
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        return driver
    }

    private func answer(_ driver: Driver, _ result: Result<[Int], TenancyError> = .success(Self.days)) {
        guard let request = driver.state.companies.activity.pending,
            let urlID = driver.state.companies.activity.urlID
        else {
            Issue.record("no figures were asked for")
            return
        }
        driver.send(.control(.activityLoaded(request, urlID, result)))
    }

    @Test func isAskedForOnceTheSelectionRests() throws {
        let driver = Driver()
        driver.answerCompanies()
        _ = driver.takeEffects()
        for _ in 0..<5 {
            driver.press(.down)
            driver.now += 40
            driver.send(.clockTicked)
        }
        #expect(driver.takeEffects().isEmpty, "running through the list asks for nothing")
        #expect(driver.state.untilNextChange(at: driver.now) == CompanyActivity.rest - 40)
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        let request = try #require(driver.state.companies.activity.pending)
        #expect(driver.takeEffects() == [.control(.loadActivity(request, "sleepy"))])
        answer(driver)
        #expect(driver.frame.contains("Audit records, 28 days"))
        #expect(driver.state.untilNextChange(at: driver.now) == nil, "then nothing wakes any more")
        driver.press(.up)
        #expect(!driver.frame.contains("Audit records, 28 days"))
        driver.press(.down)
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        #expect(driver.frame.contains("Audit records, 28 days"))
        #expect(driver.takeEffects().isEmpty, "what is known is not asked for again")
        driver.press(.character("r"))
        #expect(driver.state.companies.activity.days.isEmpty, "r reads again")
    }

    @Test func aNarrowScreenAsksForNothing() {
        let driver = rested(columns: 80, rows: 24)
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
    }

    @Test func nothingAndFailure() {
        let driver = rested()
        answer(driver, .success(Array(repeating: 0, count: 28)))
        #expect(driver.frame.contains("none"))
        driver.press(.down)
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        _ = driver.takeEffects()
        answer(driver, .failure(TenancyError(.failed, "No.")))
        #expect(!driver.frame.contains("Audit records"))
        driver.send(.clockTicked)
        #expect(driver.takeEffects().isEmpty, "what failed is not tried again by itself")
    }
}
