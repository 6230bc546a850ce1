import Tenancy
import Terminal
import Testing

@testable import Console

/// What the screen never shows: rows of a company that was left, or of a context that is over.
struct IsolationTests {
    @Test func aLateAnswerForACompanyThatWasLeftIsDropped() throws {
        let driver = Driver.inside()
        let left = try #require(driver.state.context)
        driver.press(.character("r"))
        let pending = try #require(driver.state.context?.users.pending)
        driver.press(.escape)
        #expect(driver.takeEffects().contains(.inside(left.id, .leave)))
        driver.press(.down, .enter)
        driver.answerOpening()
        driver.answerUsers([Fixture.user(9, "Blau Only", "only@blau.example", .active)])
        driver.send(
            .inside(
                left.id,
                .usersLoaded(
                    pending.request, pending.place, .success(Page(rows: Fixture.users, hasMore: false)))))
        #expect(driver.state.context?.urlID == "blau")
        #expect(driver.frame.contains("Blau Only"))
        #expect(!driver.frame.contains("Ada Lovelace"))
    }

    @Test func theEndOfAContextWipesItsRowsWithoutAnyServer() {
        let driver = Driver.inside()
        #expect(driver.frame.contains("Ada Lovelace"))
        driver.now += 30 * 60 * 1000 - 1
        driver.send(.clockTicked)
        #expect(driver.frame.contains("Ada Lovelace"))
        #expect(driver.frame.contains("00:01"))
        driver.now += 1
        driver.send(.clockTicked)
        #expect(!driver.frame.contains("Ada Lovelace"))
        #expect(!driver.frame.contains("users.read"))
        #expect(driver.frame.contains("context ended"))
        #expect(driver.takeEffects().contains(.control(.sweep)))
    }

    @Test func anAnswerAfterTheEndStaysOut() throws {
        let driver = Driver.inside()
        driver.press(.character("r"))
        let context = try #require(driver.state.context)
        let pending = try #require(context.users.pending)
        driver.now += 31 * 60 * 1000
        driver.send(
            .inside(
                context.id,
                .usersLoaded(
                    pending.request, pending.place,
                    .success(Page(rows: Fixture.users, hasMore: false)))))
        #expect(!driver.frame.contains("Ada Lovelace"))
    }

    @Test func theEndClosesWhatShowsOrChangesRows() {
        let driver = Driver.impersonating()
        driver.press(.character("e"), .character("r"))
        driver.now += 10 * 60 * 1000
        driver.press(.character("y"))
        #expect(driver.state.overlays.isEmpty)
        #expect(
            !driver.takeEffects().contains { if case .inside(_, .changeStep) = $0 { true } else { false } })
    }

    @Test func aFreshTokenIsOfferedAtTheEndAndStandsAtTheSamePlace() {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.now += 30 * 60 * 1000
        driver.send(.clockTicked)
        _ = driver.takeEffects()
        driver.press(.enter)
        #expect(driver.state.opening?.intent == .access(urlID: "awesome"))
        driver.answerOpening()
        #expect(driver.state.context?.ended == nil)
        #expect(driver.state.scope == .users)
    }

    @Test func aContextThatOpensAfterItWasCancelledIsLeftAtOnce() throws {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.enter)
        let opening = try #require(driver.state.opening)
        driver.press(.escape)
        _ = driver.takeEffects()
        driver.send(
            .inside(
                opening.id,
                .opened(
                    Fixture.context("awesome", minutes: 30, purpose: .access, subject: nil),
                    opening.intent)))
        #expect(driver.takeEffects() == [.inside(opening.id, .leave)])
        #expect(driver.state.context == nil)
    }

    @Test func aLostConnectionIsTriedAgainWithTheSameContext() throws {
        let driver = Driver.inside()
        let id = try #require(driver.state.context?.id)
        driver.send(.inside(id, .interrupted))
        #expect(driver.frame.contains("reconnecting, same context"))
        #expect(driver.takeEffects() == [.inside(id, .resume(after: Backoff.delay(attempt: 1)))])
        driver.press(.down)
        driver.send(
            .inside(id, .resumed(Fixture.context("awesome", minutes: 20, purpose: .access, subject: nil))))
        #expect(driver.state.context?.users.selected?.name == "Grace Hopper")
        #expect(driver.frame.contains("20:00"))
        #expect(
            driver.takeEffects().contains {
                if case .inside(id, .loadUsers(_, _, _)) = $0 { true } else { false }
            })
    }

    @Test func aTokenThatTheServerRefusesEndsTheContextWithItsReason() throws {
        let driver = Driver.inside()
        let id = try #require(driver.state.context?.id)
        driver.send(.inside(id, .interrupted))
        driver.send(
            .inside(id, .ended(TenancyError(.refused, "token_revoked: bob ended this context: wrong ticket")))
        )
        #expect(driver.frame.contains("wrong ticket"))
        #expect(!driver.frame.contains("Ada Lovelace"))
    }

    /// What falls due while a frame is drawn waits for the turn after it: a frame asks for nothing.
    @Test func whatFallsDueWhileAFrameIsDrawnIsNotLost() throws {
        let driver = Driver.inside()
        let id = try #require(driver.state.context?.id)
        driver.now += 31 * 60_000
        driver.present()
        #expect(driver.state.context?.ended == nil)
        #expect(driver.state.untilNextChange(at: driver.now) == 1)
        driver.send(.clockTicked)
        #expect(driver.state.context?.ended != nil)
        #expect(driver.takeEffects().contains(.inside(id, .leave)))
    }
}
