import Tenancy
import Terminal
import Testing

@testable import Console

/// The screen that is blanked when nobody is there.
struct IdleLockTests {
    private func locking(_ driver: Driver, minutes: Milliseconds = 10) -> Driver {
        driver.state.idleLock.limit = minutes * 60_000
        driver.state.idleLock.lastTouch = driver.now
        return driver
    }

    private func wait(_ driver: Driver, minutes: Milliseconds) {
        driver.now += minutes * 60_000
        driver.send(.clockTicked)
        driver.present()
    }

    /// Lets the selection rest for as long as its company's figures wait for it.
    private func rest(_ driver: Driver) {
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
    }

    @Test func offMeansNoTimer() {
        let driver = Driver()
        driver.answerCompanies()
        rest(driver)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
        wait(driver, minutes: 24 * 60)
        #expect(!driver.state.idleLock.isLocked)
        #expect(driver.frame.contains("Awesome Corp"))
    }

    @Test func theScreenIsBlankedOnTimeAndNotEarlier() {
        let driver = locking(Driver())
        driver.answerCompanies()
        rest(driver)
        #expect(driver.state.untilNextChange(at: driver.now) == 600_000 - CompanyActivity.rest)
        driver.now -= CompanyActivity.rest
        wait(driver, minutes: 9)
        #expect(driver.frame.contains("Awesome Corp"))
        #expect(driver.state.untilNextChange(at: driver.now) == 60_000)
        wait(driver, minutes: 1)
        #expect(driver.state.idleLock.isLocked)
        #expect(!driver.frame.contains("Awesome"))
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
    }

    @Test func companiesInTheBackgroundAreBlankedAndEndOnTimeToo() throws {
        let driver = locking(.two())
        let blau = try #require(driver.state.context?.id)
        let awesome = try driver.company(1).context.id
        wait(driver, minutes: 10)
        #expect(driver.state.idleLock.isLocked)
        for name in ["Awesome", "Blau", "Ada", "Bernd"] {
            #expect(!driver.frame.contains(name), "\(name)")
        }
        _ = driver.takeEffects()
        wait(driver, minutes: 11)
        #expect(driver.takeEffects().contains(.inside(blau, .leave)))
        #expect(try driver.company(1).context.ended == nil)
        wait(driver, minutes: 10)
        #expect(driver.takeEffects().contains(.inside(awesome, .leave)))
        #expect(driver.state.idleLock.isLocked)
        for name in ["Awesome", "Blau", "Ada", "Bernd"] {
            #expect(!driver.frame.contains(name), "\(name)")
        }
    }

    @Test func aKeyPutsItOff() {
        let driver = locking(Driver())
        driver.answerCompanies()
        wait(driver, minutes: 9)
        driver.press(.down)
        wait(driver, minutes: 9)
        #expect(!driver.state.idleLock.isLocked)
    }

    @Test func theKeyThatComesBackDoesNothingElse() {
        for event: InputEvent in [
            .key(.character("q")), .key(.control("c")), .paste("q"),
            .mouse(MouseEvent(.doublePress, at: Position(row: 4, column: 4))),
        ] {
            let driver = locking(.inside())
            wait(driver, minutes: 10)
            let before = driver.state.context
            _ = driver.takeEffects()
            driver.send(.input(event))
            #expect(driver.takeEffects() == [])
            #expect(driver.state.overlays.isEmpty)
            #expect(driver.state.context == before)
            #expect(driver.frame.contains("Ada Lovelace"))
        }
    }

    @Test func theCountdownGoesOnAndNothingOfTheTenantIsSeen() {
        let driver = locking(.impersonating(columns: 80, rows: 24), minutes: 1)
        wait(driver, minutes: 1)
        for word in ["Ada", "awesome", "Awesome", "onboarding", "Onboarding", "alice"] {
            #expect(!driver.frame.contains(word), "\(word)")
        }
        #expect(driver.frame.contains("IMPERSONATING"))
        #expect(driver.frame.contains("09:00"))
        #expect(driver.state.untilNextChange(at: driver.now + 300) == 700)
    }

    @Test func aContextThatEndsMeanwhileIsOverWhenSomebodyComesBack() {
        let driver = locking(.inside())
        wait(driver, minutes: 31)
        #expect(driver.state.context?.ended != nil)
        #expect(!driver.frame.contains("ended"))
        driver.press(.enter)
        #expect(driver.frame.contains("context ended"))
    }

    @Test func rowsThatComeMeanwhileStayUnseen() {
        let driver = locking(Driver())
        wait(driver, minutes: 10)
        driver.answerCompanies()
        #expect(!driver.frame.contains("Awesome"))
        driver.press(.enter)
        #expect(driver.frame.contains("Awesome Corp"))
    }

    @Test func aQuestionIsAskedAnew() {
        let driver = locking(.impersonating())
        driver.press(.character("e"), .character("r"))
        wait(driver, minutes: 8)
        driver.state.idleLock.limit = 1
        driver.send(.clockTicked)
        driver.present()
        _ = driver.takeEffects()
        // Both keys come at once: the second was pressed before the question was back on screen.
        driver.send(.input(.key(.enter)))
        driver.state.idleLock.limit = nil
        driver.send(.input(.key(.character("y"))))
        #expect(driver.takeEffects() == [])
        driver.present()
        driver.press(.character("y"))
        #expect(
            driver.takeEffects().contains { if case .inside(_, .changeStep) = $0 { true } else { false } })
    }

    @Test func aTokenIsMaskedAgain() throws {
        let driver = locking(.inside())
        driver.press(.character("t"), .character("s"))
        driver.send(.inside(try #require(driver.state.context?.id), .tokenShown("eyJhbGciOi.secret")))
        #expect(driver.frame.contains("secret"))
        wait(driver, minutes: 10)
        driver.press(.enter)
        #expect(!driver.frame.contains("secret"))
    }
}
