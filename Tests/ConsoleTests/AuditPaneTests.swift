import Tenancy
import Terminal
import Testing

@testable import Console

/// The pane that is proof: it shows what was committed, and says when it no longer hears of it.
struct AuditPaneTests {
    @Test func aRecordThatIsToldOfIsReadAtOnce() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        let newest = try #require(context.audit.newestRecord).seq
        driver.send(.auditGrew(context.id, newest))
        #expect(driver.takeEffects().isEmpty)
        driver.send(.auditGrew(context.id, newest + 1))
        let pending = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.loadAudit(context.id, pending)])
    }

    @Test func anAnnouncementThatNothingFollowsIsReadOnceAndThenWaits() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        driver.send(.auditGrew(context.id, .max))
        #expect(driver.takeEffects().count == 1)
        driver.answerAudit()
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.context?.audit.pending == nil)
        // A flood of them leads to one read a second, and wakes the program no more often than that.
        for _ in 0..<100 { driver.send(.auditGrew(context.id, .max)) }
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.untilNextChange(at: driver.now) ?? 0 > 0)
        driver.now += 1000
        driver.send(.clockTicked)
        #expect(driver.takeEffects().count == 1)
        driver.answerAudit()
        #expect(driver.takeEffects().isEmpty)
        // What is announced meanwhile and really there is read when the rest is over.
        let newest = try #require(driver.state.context?.audit.newestRecord).seq
        driver.send(.auditGrew(context.id, newest + 1))
        #expect(driver.takeEffects().isEmpty)
        driver.now += 1000
        driver.send(.clockTicked)
        #expect(driver.takeEffects().count == 1)
    }

    @Test func whatIsAnnouncedDuringAReadIsReadAfterIt() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        let newest = try #require(context.audit.newestRecord).seq
        driver.send(.auditGrew(context.id, newest + 1))
        #expect(driver.takeEffects().count == 1)
        driver.send(.auditGrew(context.id, newest + 2))
        #expect(driver.takeEffects().isEmpty)
        driver.answerAudit([Fixture.record(Int(newest) + 1)] + context.audit.records)
        #expect(driver.takeEffects().count == 1)
    }

    @Test func saysThatItIsNotLiveAndListensAgainWithTheNextRead() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        #expect(!driver.frame.contains("not live"))
        driver.send(.auditUnwatched(context.id))
        #expect(driver.frame.contains("not live"))
        driver.press(.character("r"))
        #expect(driver.takeEffects().contains(.watchAudit(context.id)))
        driver.answerAudit()
        #expect(!driver.frame.contains("not live"))
    }
}
