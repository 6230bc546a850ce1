import Terminal
import Testing

@testable import Console

/// The screens as they look, kept as text.
struct FrameTests {
    static let sizes = [(80, 24), (100, 30), (200, 60)]

    @Test(arguments: sizes)
    func companies(columns: Int, rows: Int) throws {
        let driver = Driver(columns: columns, rows: rows)
        driver.answerCompanies()
        try expectFrame(driver, "companies-\(columns)x\(rows)")
    }

    @Test func companiesBeforeAnyAnswer() throws {
        let state = ConsoleState(
            size: Size(columns: 80, rows: 24), login: "alice", target: "alice@/run/piste/piste", themes: [],
            theme: "piste")
        let driver = Driver()
        driver.state = state
        try expectFrame(driver, "companies-connecting")
    }

    @Test(arguments: sizes)
    func users(columns: Int, rows: Int) throws {
        try expectFrame(.inside(columns: columns, rows: rows), "users-\(columns)x\(rows)")
    }

    @Test(arguments: sizes)
    func userImpersonating(columns: Int, rows: Int) throws {
        try expectFrame(.impersonating(columns: columns, rows: rows), "user-impersonating-\(columns)x\(rows)")
    }

    @Test(arguments: sizes)
    func journey(columns: Int, rows: Int) throws {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.press(.enter)
        driver.answerUser()
        driver.press(.enter)
        driver.answerJourney()
        try expectFrame(driver, "journey-\(columns)x\(rows)")
    }

    @Test(arguments: sizes)
    func journeys(columns: Int, rows: Int) throws {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.press(.character("3"))
        driver.answerJourneys()
        try expectFrame(driver, "journeys-\(columns)x\(rows)")
    }

    @Test(arguments: sizes)
    func audit(columns: Int, rows: Int) throws {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.press(.character("A"))
        try expectFrame(driver, "audit-\(columns)x\(rows)")
    }

    @Test func auditRecord() throws {
        let driver = Driver.inside()
        driver.press(.character("4"), .enter)
        try expectFrame(driver, "audit-record")
    }

    @Test func impersonationForm() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("i"))
        driver.type("cannot finish onboarding")
        try expectFrame(driver, "impersonation-form")
    }

    @Test func tokenCard() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("t"))
        try expectFrame(driver, "token-card")
    }

    @Test func help() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("?"))
        try expectFrame(driver, "help")
    }

    @Test func palette() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character(":"))
        driver.type("the")
        try expectFrame(driver, "palette")
    }

    @Test func themes() throws {
        let driver = Driver(columns: 80, rows: 24)
        driver.answerCompanies()
        driver.press(.character("T"), .down)
        try expectFrame(driver, "themes")
    }

    @Test func editMenu() throws {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        driver.press(.character("e"))
        try expectFrame(driver, "edit-menu")
    }

    @Test func confirmation() throws {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        driver.press(.character("e"), .character("r"))
        try expectFrame(driver, "confirmation")
    }

    @Test func contextEnded() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.now += 30 * 60 * 1000
        driver.send(.clockTicked)
        try expectFrame(driver, "context-ended")
    }

    @Test func contexts() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("C"))
        driver.answerContexts()
        try expectFrame(driver, "contexts")
    }

    @Test func tooSmall() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.send(.input(.resize(Size(columns: 20, rows: 5))))
        try expectFrame(driver, "too-small")
    }
}
