import Tenancy
import Terminal
import Testing

@testable import Console

/// The operators on screen.
struct OperatorsTests {
    private func operators(columns: Int = 80, rows: Int = 24) -> Driver {
        let driver = Driver.admin(columns: columns, rows: rows)
        driver.press(.character("O"))
        driver.answerOperators()
        _ = driver.takeEffects()
        return driver
    }

    @Test func anOperatorIsAddedWithALevel() throws {
        let driver = operators()
        driver.press(.character("n"))
        driver.press(.enter, .enter)
        #expect(driver.frame.contains("A login is needed."))
        driver.type("dave")
        driver.press(.enter, .character("v"), .right, .right, .enter)
        #expect(driver.frame.contains("Register dave as admin?"))
        driver.press(.character("y"))
        let (request, change) = try driver.takeChange()
        #expect(change == .addOperator(login: "dave", level: .admin))
        driver.send(
            .control(
                .administered(
                    request, change,
                    .failure(TenancyError(.refused, "login_unsafe: this login may bypass row security")))))
        #expect(driver.frame.contains("This login may bypass row security."))
        driver.press(.enter, .enter, .character("y"))
        let (again, _) = try driver.takeChange()
        driver.send(.control(.administered(again, change, .success("dave is registered as admin."))))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.state.operators?.pending != nil, "the list is read again")
        driver.answerOperators()
    }

    @Test func removingWantsTheLoginTyped() throws {
        let driver = operators()
        driver.press(.down, .up, .character("x"))
        #expect(driver.frame.contains("Remove the operator alice?"))
        driver.press(.character("y"), .enter)
        #expect(driver.takeEffects().isEmpty)
        driver.press(.control("u"))
        driver.type("alice")
        driver.press(.enter)
        let (request, change) = try driver.takeChange()
        #expect(change == .removeOperator(login: "alice"))
        driver.send(
            .control(
                .administered(request, change, .success("alice is no operator any more; none was open."))))
        driver.answerOperators(Array(Fixture.operators.dropFirst()))
        #expect(driver.state.operators?.list.selected == "bob", "the selection stays at its place")
    }

    @Test func lateAnswersAndFailures() {
        let driver = Driver.admin()
        driver.press(.character("O"))
        let pending = driver.state.operators?.pending
        driver.press(.character("r"))
        if let pending { driver.send(.control(.operatorsLoaded(pending, .success(Fixture.operators)))) }
        #expect(driver.state.operators?.isLoaded == false, "an answer that nobody waits for is dropped")
        driver.now += 500
        driver.press(.escape)
        #expect(driver.takeEffects().contains(.control(.cancel)))
        if let pending = driver.state.operators?.pending {
            driver.send(.control(.operatorsLoaded(pending, .failure(TenancyError(.cancelled, "Cancelled.")))))
        }
        #expect(driver.frame.contains("r reads again."))
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
    }

    @Test func everyKeyOfMovement() {
        let driver = operators()
        let moves: [(Key, String)] = [
            (.down, "bob"), (.character("j"), "eve\u{1B}[2J"), (.down, "eve\u{1B}[2J"), (.up, "bob"),
            (.character("k"), "alice"), (.end, "eve\u{1B}[2J"), (.home, "alice"), (.pageDown, "eve\u{1B}[2J"),
            (.pageUp, "alice"), (.character("G"), "eve\u{1B}[2J"), (.character("g"), "alice"),
            (.control("d"), "eve\u{1B}[2J"), (.control("u"), "alice"),
        ]
        for (key, login) in moves {
            driver.press(key)
            #expect(driver.state.operators?.list.selected == login)
        }
    }
}
