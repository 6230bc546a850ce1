import Tenancy
import Terminal
import Testing

@testable import Console

extension Driver {
    /// Bob's console on the companies, with alice's request on its list.
    static func deciding(_ size: Size = Size(columns: 80, rows: 24)) -> Driver {
        let driver = Driver(columns: size.columns, rows: size.rows, level: .admin, login: "bob")
        driver.answerCompanies()
        driver.send(.control(.requestsChanged))
        driver.answerRequests([Fixture.request("r1"), Fixture.request("r2", mayDecide: false, by: "bob")])
        _ = driver.takeEffects()
        return driver
    }

    /// Alice's console inside Awesome Corp, waiting for an approval.
    static func waiting(_ size: Size = Size(columns: 80, rows: 24)) throws -> Driver {
        let driver = Driver.inside(size)
        driver.press(.character("i"))
        driver.type("cannot finish onboarding")
        driver.press(.tab, .tab, .tab)
        driver.type("awesome")
        driver.press(.enter)
        let opening = try #require(driver.state.opening)
        driver.send(.inside(opening.id, .pending(opening.intent, Fixture.request("r1", mayDecide: false))))
        return driver
    }
}
