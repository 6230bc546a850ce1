import Tenancy
import Terminal
import Testing

@testable import Console

/// What the screen says of a change whose answer never came.
struct LostChangeTests {
    private static let ended = TenancyError(
        .contextEnded, "terminating connection due to administrator command", sqlState: "57P01")
    private static let silence = TenancyError(
        .unreachable, "server closed the connection unexpectedly", isOutcomeUnknown: true)

    /// The console with a change on its way.
    private func changing(columns: Int = 80, rows: Int = 24) throws -> (Driver, ContextID) {
        let driver = Driver.impersonating(columns: columns, rows: rows)
        driver.press(.character("e"), .character("r"), .character("y"))
        #expect(
            driver.takeEffects().contains { if case .inside(_, .changeStep) = $0 { true } else { false } })
        return (driver, try #require(driver.state.context?.id))
    }

    private func back(_ driver: Driver, _ id: ContextID) {
        driver.send(.inside(id, .interrupted))
        driver.send(
            .inside(
                id,
                .resumed(
                    Fixture.context(
                        "awesome", minutes: 9, purpose: .impersonation, subject: "ada@awesome.example"))))
    }

    @Test func aChangeThatTheServerDidNotMakeIsSaidToBeNone() throws {
        let (driver, id) = try changing()
        driver.send(.inside(id, .changed("done", .failure(Self.ended))))
        #expect(driver.frame.contains("Nothing was changed: terminating"))
        // The words outlast the connection's coming back, until a key is pressed.
        back(driver, id)
        #expect(driver.frame.contains("Nothing was changed"))
        #expect(driver.state.context?.isChanging == false)
    }

    @Test func aChangeWithoutAnAnswerIsNotSaidToBeEither() throws {
        let (driver, id) = try changing()
        driver.send(.inside(id, .changed("done", .failure(Self.silence))))
        back(driver, id)
        #expect(driver.frame.contains("It is not known whether it was done; look again"))
        #expect(!driver.frame.contains("Nothing was changed"))
        // The control: where the answer comes, it is the answer that is said.
        let (other, its) = try changing()
        other.send(.inside(its, .changed("Step 3 is being tried again.", .success(true))))
        #expect(other.frame.contains("Step 3 is being tried again."))
    }

    @Test func theEndOfTheContextDoesNotHideIt() throws {
        let (driver, id) = try changing()
        driver.send(.inside(id, .ended(TenancyError(.contextEnded, "the context was revoked"))))
        driver.send(.inside(id, .changed("done", .failure(Self.silence))))
        #expect(driver.frame.contains("It is not known whether it was done"))
    }

    @Test func whatIsConfirmedWhileTheConnectionIsLostIsNotSent() throws {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        let id = try #require(driver.state.context?.id)
        driver.press(.character("e"), .character("r"))
        driver.send(.inside(id, .interrupted))
        driver.present()
        _ = driver.takeEffects()
        driver.press(.character("y"))
        #expect(driver.takeEffects().filter(\.changes) == [])
        #expect(driver.frame.contains("Nothing was changed: the connection is lost"))
        #expect(driver.state.context?.isChanging == false)
        // Back again, the same change goes through.
        back(driver, id)
        driver.answerUser()
        driver.press(.character("e"), .character("r"), .character("y"))
        #expect(driver.takeEffects().contains { $0.changes })
    }

    @Test func anAdminsChangeSaysItToo() throws {
        for (error, words) in [
            (Self.silence, "It is not known whether it was done; look again"),
            (
                TenancyError(.unreachable, "terminating", sqlState: "57P01"),
                "Nothing was changed: terminating"
            ),
            (TenancyError(.notAllowed, "this is for admins"), "this is for admins"),
        ] {
            let driver = Driver.admin()
            driver.press(.character("e"), .character("s"))
            driver.type("awesome")
            driver.press(.enter)
            guard
                case .control(.administer(let request, let change)) = driver.takeEffects().last(
                    where: \.changes)
            else {
                Issue.record("nothing was asked for")
                continue
            }
            driver.send(.control(.administered(request, change, .failure(error))))
            #expect(driver.frame.contains(words), "\(words)")
        }
    }
}
