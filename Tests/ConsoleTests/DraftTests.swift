import Tenancy
import Terminal
import Testing

@testable import Console

/// Nothing typed is lost by a surplus `esc`.
struct DraftTests {
    @Test func aReasonThatWasLeftIsThereAgain() throws {
        let driver = Driver.inside()
        driver.press(.character("i"))
        driver.type("cannot finish onboarding")
        driver.press(.tab)
        driver.type("SUP-812")
        driver.press(.tab, .tab)
        driver.type("awesome")
        driver.press(.escape)
        #expect(driver.frame.contains("What you typed is kept"))
        driver.press(.character("i"))
        guard case .impersonation(let form) = driver.state.overlays.last else {
            Issue.record("no form is open")
            return
        }
        #expect(form.reason.text == "cannot finish onboarding")
        #expect(form.ticket.text == "SUP-812")
        #expect(form.confirmation.isEmpty, "that is typed each time")
    }

    @Test func anotherCompanysFormIsEmptyAndOneThatWasSentIsDone() {
        let driver = Driver.impersonating()
        #expect(driver.state.drafts == Drafts())
        let two = Driver.two()
        two.press(.character("i"))
        two.type("order stuck")
        two.press(.escape, .character("w"), .character("i"))
        guard case .impersonation(let form) = two.state.overlays.last else {
            Issue.record("no form is open")
            return
        }
        #expect(form.reason.isEmpty)
    }

    @Test func anAdminsFormIsThereAgainUntilItIsDone() throws {
        let driver = Driver.admin()
        driver.press(.character("n"))
        driver.type("Delta GmbH")
        driver.press(.escape)
        #expect(driver.frame.contains("What you typed is kept"))
        driver.press(.character("n"))
        guard case .form(let form) = driver.state.overlays.last else {
            Issue.record("no form is open")
            return
        }
        #expect(form.text(.name) == "Delta GmbH" && form.text(.urlID) == "delta-gmbh")
        driver.press(.escape, .character("n"), .escape)
        #expect(driver.state.drafts != Drafts())
    }

    @Test func aReasonForAQuestionIsThereAgain() {
        let driver = Driver.inside(level: .admin)
        driver.press(.character("C"))
        driver.answerContexts()
        driver.press(.character("x"))
        driver.type("left open over night")
        driver.press(.escape, .character("x"))
        guard case .confirm(let confirm) = driver.state.overlays.last else {
            Issue.record("nothing is asked")
            return
        }
        #expect(confirm.reason?.text == "left open over night")
        driver.press(.escape, .down, .character("x"))
        guard case .confirm(let other) = driver.state.overlays.last else { return }
        #expect(other.reason?.isEmpty == true, "another context, another reason")
    }
}
