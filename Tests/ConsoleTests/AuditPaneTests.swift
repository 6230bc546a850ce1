import Tenancy
import Terminal
import Testing

@testable import Console

/// The pane that is proof: it shows what was committed, and says when it no longer hears of it.
struct AuditPaneTests {
    @Test func aRecordThatIsToldOfIsReadAtOnce() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        driver.send(.auditGrew(context.id, context.audit.newest))
        #expect(driver.takeEffects().isEmpty)
        driver.send(.auditGrew(context.id, context.audit.newest + 1))
        let pending = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.loadAudit(context.id, pending)])
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
