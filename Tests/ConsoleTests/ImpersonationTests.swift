import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// Impersonation as a mode: how it begins, how it looks, how it ends.
struct ImpersonationTests {
    @Test func helpingAUserTakesTenKeysAtMost() throws {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        _ = driver.takeEffects()
        let before = driver.keys
        driver.press(.character("i"))
        driver.type("cannot finish onboarding")
        driver.press(.tab)
        driver.type("SUP-812")
        driver.press(.tab)
        driver.type("10")
        driver.press(.tab)
        driver.type("awesome")
        driver.press(.enter)
        let request = ImpersonationRequest(
            urlID: "awesome", reason: "cannot finish onboarding", ticket: "SUP-812",
            user: "ada@awesome.example",
            minutes: 10)
        #expect(driver.state.opening?.intent == .impersonation(request))
        driver.answerOpening(minutes: 10, purpose: .impersonation, subject: "ada@awesome.example")
        driver.answerUser()
        let id = try #require(driver.state.context?.id)
        driver.press(.character("e"))
        driver.press(.character("r"))
        driver.press(.character("y"))
        #expect(
            driver.takeEffects().contains {
                if case .inside(id, .changeStep(let step, .retry, _)) = $0 {
                    step.name == "invite team"
                } else {
                    false
                }
            })
        driver.send(.inside(id, .changed("done", .success(true))))
        driver.press(.character("E"))
        #expect(driver.takeEffects().contains(.inside(id, .leave)))
        #expect(driver.state.context?.open.purpose == .access)
        #expect(driver.state.scope == .user)
        #expect(driver.keys - before <= 10)
    }

    @Test func theFormWantsAReasonMinutesAndTheUrlID() {
        let driver = Driver.inside()
        driver.press(.character("i"), .tab, .tab, .tab)
        driver.type("awesome")
        driver.press(.enter)
        #expect(driver.frame.contains("A reason is needed"))
        driver.type("because")
        driver.press(.tab, .tab)
        driver.type("99")
        driver.press(.tab, .enter)
        #expect(driver.frame.contains("Minutes must be a number from 1 to 30."))
        #expect(driver.state.opening == nil)
    }

    @Test func theConfirmationCanNotBePasted() {
        let driver = Driver.inside()
        driver.press(.character("i"))
        driver.send(.input(.paste("pasted reason\nwith a second line")))
        driver.press(.tab, .tab, .tab)
        driver.send(.input(.paste("awesome")))
        driver.press(.enter)
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("Type awesome to confirm."))
        #expect(driver.frame.contains("pasted reason with a second line"))
    }

    @Test func enterAloneNeverConfirmsAndNeitherDoBufferedKeys() {
        let driver = Driver.impersonating()
        driver.press(.character("e"), .character("r"), .enter)
        #expect(driver.takeEffects().isEmpty)
        driver.press(.escape)
        // Three keys in one read: no frame was shown between the question and the answer.
        driver.send(.input(.key(.character("e"))))
        driver.send(.input(.key(.character("r"))))
        driver.send(.input(.key(.character("y"))))
        #expect(driver.takeEffects().isEmpty)
        driver.present()
        driver.press(.character("y"))
        #expect(
            driver.takeEffects().contains { if case .inside(_, .changeStep) = $0 { true } else { false } })
    }

    @Test func nothingCanBeChangedInAPlainContext() {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.press(.character("e"))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("This context is read-only"))
    }

    @Test func aReadOnlyImpersonationSaysSoAndChangesNothing() throws {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.press(.character("i"))
        driver.type("x")
        driver.press(.tab, .tab, .tab)
        driver.type("awesome")
        driver.press(.enter)
        let opening = try #require(driver.state.opening)
        let context = OpenContext(
            jti: "00000000-0000-4000-8000-000000000002", urlID: "awesome", companyName: "Awesome Corp",
            operatorName: "alice", purpose: .impersonation, access: .read, subject: "ada@awesome.example",
            expiresAt: Fixture.now.addingTimeInterval(600), serverTime: Fixture.now)
        driver.send(.inside(opening.id, .opened(context, opening.intent)))
        driver.answerUser()
        #expect(driver.frame.contains("IMPERSONATING ada@awesome.example  read-only"))
        driver.press(.character("e"))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("The policy of this company allows reading only."))
    }

    @Test func impersonationsDoNotNest() {
        let driver = Driver.impersonating()
        driver.press(.character("i"))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("do not nest"))
    }

    @Test func everyViewStandsInTheFrameOfTheImpersonation() {
        let driver = Driver.impersonating()
        for key: Key in [.character("1"), .character("2"), .character("3"), .character("4")] {
            driver.press(key)
            let canvas = FrameView(driver.state).draw().canvas
            #expect(canvas.text.contains("IMPERSONATING ada@awesome.example"))
            #expect(canvas[2, 0].style.role == .impersonation)
            #expect(canvas[0, 50].style.ground == .impersonation)
        }
    }

    @Test func aRefusalStaysInTheFormWithItsReason() throws {
        let driver = Driver.inside()
        driver.press(.character("i"))
        driver.type("x")
        driver.press(.tab, .tab, .tab)
        driver.type("awesome")
        driver.press(.enter)
        let opening = try #require(driver.state.opening)
        driver.send(
            .inside(
                opening.id,
                .refused(
                    opening.intent,
                    TenancyError(
                        .refused, "impersonation_denied: the policy of this company denies impersonation"))))
        #expect(driver.frame.contains("The policy of this company denies impersonation."))
        #expect(driver.frame.contains("Impersonate · Awesome Corp"))
    }

    @Test(arguments: [Key.character("q"), .escape])
    func goingBackFromItsFirstScreenAsksFirst(key: Key) throws {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        let (id, parked) = (try #require(driver.state.context?.id), try #require(driver.state.parked?.id))
        driver.press(key)
        #expect(driver.state.scope == .users)
        while driver.state.overlays.isEmpty { driver.press(key) }
        #expect(driver.takeEffects().allSatisfy { if case .inside(_, .leave) = $0 { false } else { true } })
        #expect(driver.frame.contains("Close Awesome Corp?"))
        #expect(driver.frame.contains("The impersonation of ada@awesome.example ends"))
        // Neither the same key once more nor Enter is an answer.
        driver.press(.enter)
        #expect(driver.state.context?.id == id)
        driver.press(key)
        #expect(driver.state.context?.id == id)
        #expect(driver.state.isImpersonating)
        driver.press(key, .character("y"))
        let left = driver.takeEffects()
        #expect(
            left.count == 2 && left.contains(.inside(id, .leave)) && left.contains(.inside(parked, .leave)))
        #expect(driver.frame.contains("Awesome Corp is closed; its impersonation has ended."))
        // A plain context ends without a question, and says so.
        let plain = Driver.inside(columns: 80, rows: 24)
        let its = try #require(plain.state.context?.id)
        plain.press(key)
        #expect(plain.takeEffects() == [.inside(its, .leave)])
        #expect(plain.frame.contains("Awesome Corp is closed; its context has ended."))
    }

    @Test func whereNothingCanBeReadNothingEnds() throws {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        driver.send(.input(.resize(Size(columns: 20, rows: 5))))
        _ = driver.takeEffects()
        #expect(driver.frame.contains("q waits for room."))
        for key: Key in [
            .character("q"), .control("c"), .escape, .character("E"), .character("Q"), .character("y"),
        ] {
            driver.press(key)
        }
        #expect(driver.takeEffects() == [])
        #expect(driver.state.isImpersonating)
        driver.send(.input(.resize(Size(columns: 80, rows: 24))))
        #expect(driver.frame.contains("IMPERSONATING ada@awesome.example"))
        // With nothing open there is nothing to end but the program.
        let empty = Driver(columns: 20, rows: 5)
        empty.answerCompanies()
        _ = empty.takeEffects()
        empty.press(.character("q"))
        #expect(empty.takeEffects() == [.terminal(.quit)])
    }

    @Test func itEndsFromTheColumnsAndFromWhatIsOnlyRead() throws {
        for opening: Key in [.character("c"), .character("?"), .character("t")] {
            let driver = Driver.impersonating()
            driver.press(.character("2"), opening)
            #expect(!driver.state.overlays.isEmpty, "\(opening)")
            let id = try #require(driver.state.context?.id)
            _ = driver.takeEffects()
            driver.press(.character("E"))
            #expect(driver.takeEffects().contains(.inside(id, .leave)), "\(opening)")
            #expect(driver.state.overlays.isEmpty, "\(opening)")
            #expect(!driver.state.isImpersonating, "\(opening)")
        }
    }

    @Test func aViewerIsToldWhoMayImpersonate() {
        let driver = Driver.inside(level: .viewer)
        driver.press(.character("i"))
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.frame.contains("support and admin may"))
    }
}
