import Tenancy
import Terminal
import Testing

@testable import Console

/// Going on with an impersonation: a new token for a new reason; and ending one from anywhere.
struct ExtensionTests {
    /// Asks for more time, up to the answer.
    private func extend(_ driver: Driver, reason: String) {
        driver.press(.character("+"))
        driver.type(reason)
        driver.press(.tab, .tab)
        driver.type("20")
        driver.press(.tab)
        driver.type("awesome")
        driver.press(.enter)
    }

    @Test func moreTimeIsANewContextForANewReason() throws {
        let driver = Driver.impersonating()
        let before = try driver.company(1).context
        let parked = try #require(try driver.company(1).parked)
        extend(driver, reason: "the mail server was down")
        let wish = ImpersonationRequest(
            urlID: "awesome", reason: "the mail server was down", ticket: "SUP-812",
            user: "ada@awesome.example", minutes: 20)
        #expect(driver.state.opening?.intent == .impersonation(wish))
        #expect(!driver.takeEffects().contains(.inside(before.id, .leave)))
        driver.answerOpening(minutes: 20, purpose: .impersonation, subject: "ada@awesome.example")
        driver.answerUser()
        #expect(driver.takeEffects().contains(.inside(before.id, .leave)))
        #expect(driver.state.context?.id != before.id)
        #expect(driver.state.isImpersonating)
        #expect(driver.state.scope == .user)
        #expect(driver.frame.contains("20:00"))
        // It ends where the first one began.
        driver.press(.character("E"))
        #expect(driver.state.context?.id == parked.id)
        #expect(driver.state.openCompanies.count == 1)
    }

    @Test func theReasonMustBeANewOne() {
        let driver = Driver.impersonating()
        extend(driver, reason: " Cannot finish  onboarding")
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("A new reason is needed"))
    }

    @Test func theFormSaysWhatHappensAndHoldsToThePolicy() {
        let driver = Driver.impersonating()
        driver.press(.character("+"))
        driver.send(.control(.companyLoaded(Fixture.strict)))
        #expect(driver.frame.contains("Go on · Awesome Corp"))
        #expect(driver.frame.contains("the one that is open ends as soon as it opens"))
        #expect(driver.frame.contains("at most 10 min"))
        driver.type("more")
        driver.press(.tab, .tab)
        driver.type("20")
        driver.press(.tab)
        driver.type("awesome")
        driver.press(.enter)
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("Minutes must be a number from 1 to 10."))
    }

    @Test func theBottomLineOffersMoreTimeOnlyInAnImpersonation() {
        #expect(Driver.impersonating(columns: 200).frame.contains("+ more time"))
        let plain = Driver.inside(columns: 200)
        #expect(!plain.frame.contains("+ more time"))
        plain.press(.character("+"))
        #expect(plain.frame.contains("No impersonation is open here"))
    }

    /// Where there is no room for every key, more time comes first as soon as the countdown warns.
    @Test func moreTimeIsOfferedFirstWhenItRunsOut() throws {
        let driver = Driver.impersonating(columns: 60, rows: 16)
        func bottom() throws -> Substring { try #require(driver.frame.split(separator: "\n").last) }
        #expect(try !bottom().contains("+ more time"))
        driver.now += 5 * 60 * 1000 + 1
        driver.send(.clockTicked)
        #expect(try bottom().hasPrefix(" + more time"))
    }

    @Test func aFreshTokenNamesTheWayToGoOn() {
        let driver = Driver.impersonating()
        driver.press(.character("R"))
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("+ asks for it"))
    }

    /// Its time runs out while the reason is being written: the rows go, the words stay.
    @Test func theEndKeepsAHalfWrittenReason() throws {
        let driver = Driver.impersonating()
        let parked = try #require(try driver.company(1).parked)
        driver.press(.character("+"))
        driver.type("the mail server")
        driver.now += 10 * 60 * 1000
        driver.send(.clockTicked)
        #expect(driver.state.context?.ended != nil)
        #expect(driver.frame.contains("the mail server"))
        driver.press(.tab, .tab, .tab)
        driver.type("awesome")
        driver.press(.enter)
        driver.answerOpening(minutes: 15, purpose: .impersonation, subject: "ada@awesome.example")
        #expect(driver.state.isImpersonating)
        #expect(driver.state.parked?.id == parked.id)
    }

    @Test func afterTheEndTheWaysOnAreOffered() throws {
        let driver = Driver.impersonating()
        let parked = try #require(try driver.company(1).parked)
        driver.now += 10 * 60 * 1000
        driver.send(.clockTicked)
        #expect(driver.frame.contains("⏎ goes back to your own context · + goes on, with a new reason"))
        driver.press(.character("+"))
        #expect(driver.frame.contains("Go on · Awesome Corp"))
        driver.press(.escape, .enter)
        #expect(driver.state.context?.id == parked.id)
    }

    @Test func anApprovedRequestGoesOnToo() throws {
        let driver = Driver.impersonating()
        let before = try driver.company(1).context.id
        extend(driver, reason: "the mail server was down")
        let opening = try #require(driver.state.opening)
        driver.send(.inside(opening.id, .pending(opening.intent, Fixture.request("r1"))))
        #expect(driver.state.overlays == [.waiting(WaitingState())])
        #expect(driver.state.isImpersonating)
        driver.send(.control(.requestLoaded(Fixture.request("r1", .approved))))
        #expect(driver.state.opening != nil)
        driver.answerOpening(minutes: 10, purpose: .impersonation, subject: "ada@awesome.example")
        #expect(driver.takeEffects().contains(.inside(before, .leave)))
        #expect(driver.state.isImpersonating)
    }

    // MARK: Ending

    @Test func oneKeyEndsItFromTheListOfCompanies() throws {
        let driver = Driver.impersonating()
        let company = try driver.company(1)
        driver.press(.character("0"))
        #expect(driver.frame.contains("1 Awesome Corp IMPERSONATING"))
        driver.press(.character("E"))
        #expect(driver.takeEffects() == [.inside(company.context.id, .leave)])
        #expect(driver.frame.contains("1 Awesome Corp: its impersonation has ended."))
        #expect(try driver.company(1).context.id == company.parked?.id)
        driver.press(.character("1"))
        #expect(driver.state.context?.open.purpose == .access)
        #expect(driver.state.scope == .user)
    }

    @Test func oneKeyEndsItFromAnotherCompanysScreens() throws {
        let driver = Driver.impersonating()
        let company = try driver.company(1)
        driver.openBlau()
        #expect(!driver.state.isImpersonating)
        driver.press(.character("3"), .character("E"))
        #expect(driver.takeEffects().contains(.inside(company.context.id, .leave)))
        #expect(driver.state.context?.urlID == "blau")
        #expect(!driver.frame.contains("ada@awesome.example"))
    }

    @Test func withTwoElsewhereItAsksWhich() throws {
        let driver = Driver.impersonating()
        driver.openBlau()
        driver.impersonate("blau", user: "bernd@blau.example")
        driver.answerUsers(Fixture.blauUsers)
        driver.answerAudit()
        driver.press(.character("0"))
        let blau = try driver.company(2).context.id
        _ = driver.takeEffects()
        driver.press(.character("E"))
        #expect(driver.frame.contains("End which impersonation?"))
        #expect(driver.takeEffects().isEmpty)
        driver.press(.character("2"))
        #expect(driver.takeEffects() == [.inside(blau, .leave)])
        #expect(try driver.company(1).isImpersonating)
        #expect(try !driver.company(2).isImpersonating)
    }

    @Test func eachFrameIsThatOfTheCompanyOnScreen() throws {
        let driver = Driver.impersonating()
        // Where the list's frame begins: a second company has a line of its own above it.
        func frame() throws -> Role? {
            let canvas = FrameView(driver.state).draw().canvas
            let row = try #require((0..<canvas.size.rows).first { canvas.text(row: $0).hasPrefix("┌") })
            return canvas[row, 0].style.role
        }
        #expect(try frame() == .impersonation)
        driver.openBlau()
        #expect(try frame() == .border)
        driver.press(.character("w"))
        #expect(try frame() == .impersonation)
        #expect(driver.frame.contains("IMPERSONATING ada@awesome.example"))
    }

    @Test func anImpersonationInACompanyThatIsOpenElsewhereIsNotNested() {
        let driver = Driver.impersonating()
        driver.press(.character("0"), .home, .character("i"))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("You are impersonating in it already, as number 1."))
    }

    @Test func aPlainContextElsewhereIsParkedByItsImpersonation() throws {
        let driver = Driver.inside()
        let plain = try driver.company(1).context.id
        driver.press(.character("0"), .home)
        driver.impersonate("awesome", user: "ada@awesome.example")
        #expect(driver.state.isImpersonating)
        #expect(driver.state.parked?.id == plain)
        #expect(driver.state.openCompanies.count == 1)
        #expect(!driver.takeEffects().contains(.inside(plain, .leave)))
    }

    @Test func theParkedContextIsResumedToo() throws {
        let driver = Driver.impersonating()
        let parked = try #require(try driver.company(1).parked?.id)
        driver.send(.inside(parked, .interrupted))
        #expect(driver.takeEffects() == [.inside(parked, .resume(after: Backoff.delay(attempt: 1)))])
        #expect(driver.state.isImpersonating)
        driver.send(
            .inside(parked, .resumed(Fixture.context("awesome", minutes: 20, purpose: .access, subject: nil)))
        )
        driver.press(.character("E"))
        #expect(
            driver.takeEffects().contains {
                if case .inside(parked, .loadUser(_, _)) = $0 { true } else { false }
            })
    }
}
