import Tenancy
import Terminal
import Testing

@testable import Console

extension Fixture {
    static let blauUsers: [User] = [
        user(1, "Bernd Blau", "bernd@blau.example", .active),
        user(2, "Clara Blau", "clara@blau.example", .active),
    ]
}

extension Driver {
    /// Awesome Corp as number 1, Blau as number 2; Blau on screen.
    static func two(columns: Int = 100, rows: Int = 30) -> Driver {
        let driver = inside(columns: columns, rows: rows)
        driver.openBlau(minutes: 20)
        return driver
    }

    /// Opens Blau from the list of companies, and leaves whatever is open as it is.
    func openBlau(minutes: Double = 30) {
        press(.character("0"))
        press(.home, .down, .enter)
        answerOpening(minutes: minutes)
        answerUsers(Fixture.blauUsers)
        answerAudit(Fixture.trail.filter { $0.subject == nil })
        _ = takeEffects()
    }

    /// Opens companies until `count` are open, each from the list.
    func open(_ count: Int) {
        press(.character("0"))
        companiesList((0..<count).map { Fixture.company("company-\($0)", "Company \($0)", "okta", 3) })
        for number in 0..<count {
            press(.character("0"), .home)
            for _ in 0..<number { press(.down) }
            press(.enter)
            answerOpening()
            answerUsers([])
            answerAudit([])
        }
        _ = takeEffects()
    }

    func companiesList(_ companies: [Company]) {
        press(.character("r"))
        answerCompanies(companies)
    }

    /// The company with this number, wherever it is.
    func company(_ number: Int, sourceLocation: SourceLocation = #_sourceLocation) throws -> OpenCompany {
        try #require(
            state.openCompanies.first { $0.number == number }, sourceLocation: sourceLocation)
    }

    /// Begins an impersonation of the company on screen.
    func impersonate(_ urlID: String, user: String, minutes: Double = 10) {
        press(.character("i"))
        type("order stuck")
        press(.tab, .tab, .tab)
        type(urlID)
        press(.enter)
        answerOpening(minutes: minutes, purpose: .impersonation, subject: user)
    }
}
