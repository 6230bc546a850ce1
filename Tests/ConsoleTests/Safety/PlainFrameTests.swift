import Terminal
import Testing

@testable import Console

/// The screens as they look on a terminal that shows nothing but ASCII.
struct PlainFrameTests {
    private func plain(_ driver: Driver) -> Driver {
        driver.state.glyphs = .ascii
        return driver
    }

    @Test func companies() throws {
        let driver = plain(Driver(columns: 80, rows: 24))
        driver.answerCompanies()
        try expectFrame(driver, "ascii-companies")
    }

    @Test func userImpersonating() throws {
        try expectFrame(plain(.impersonating(columns: 100, rows: 30)), "ascii-user-impersonating")
    }

    @Test func journey() throws {
        let driver = plain(.inside(columns: 80, rows: 24))
        driver.press(.enter)
        driver.answerUser()
        driver.press(.enter)
        driver.answerJourney()
        try expectFrame(driver, "ascii-journey")
    }

    @Test func overview() throws {
        let driver = plain(.inside(columns: 80, rows: 24))
        driver.press(.character("1"))
        driver.answerOverview()
        try expectFrame(driver, "ascii-overview")
    }

    @Test func help() throws {
        let driver = plain(.inside(columns: 80, rows: 24))
        driver.press(.character("?"))
        try expectFrame(driver, "ascii-help")
    }
}
