import Tenancy
import Terminal
import Testing

@testable import Console

/// The pane that is proof: it shows what was committed, and says when it no longer hears of it.
struct AuditPaneTests {
    @Test func aRecordThatIsToldOfIsReadAtOnce() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        driver.send(.inside(context.id, .auditGrew(context.audit.newest)))
        #expect(driver.takeEffects().isEmpty)
        driver.send(.inside(context.id, .auditGrew(context.audit.newest + 1)))
        let pending = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.inside(context.id, .loadAudit(pending))])
    }

    @Test func saysThatItIsNotLiveAndListensAgainWithTheNextRead() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        #expect(!driver.frame.contains("not live"))
        driver.send(.inside(context.id, .auditUnwatched))
        #expect(driver.frame.contains("not live"))
        driver.press(.character("r"))
        #expect(driver.takeEffects().contains(.inside(context.id, .watchAudit)))
        driver.answerAudit()
        #expect(!driver.frame.contains("not live"))
    }

    /// What is committed is shown at once, and is no part of the chain before it has its number.
    @Test func whatIsNotSealedIsCalledSoAndTheCornerCountsIt() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        #expect(driver.frame.contains("6 records · chain ✓"))
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(8))))
        driver.answerAudit([Fixture.unsealed(8), Fixture.unsealed(7)] + Fixture.trail)
        #expect(driver.frame.contains("6 records · 2 unsealed"))
        #expect(!driver.frame.contains("chain ✓"))
        #expect(driver.frame.ranges(of: "unsealed").count == 3, "each of them, and the corner")
        #expect(!driver.frame.contains("#7") && driver.frame.contains("#6"))
        _ = driver.takeEffects()

        // Sealing is told under an id that is known already.
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(8))))
        let pending = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.inside(context.id, .loadAudit(pending))])
        driver.answerAudit((1...8).reversed().map(Fixture.record))
        #expect(driver.frame.contains("8 records · chain ✓"))
        #expect(driver.frame.contains("#8") && driver.frame.contains("#7"))
        #expect(!driver.frame.contains("unsealed"))
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(8))))
        #expect(driver.takeEffects().isEmpty, "there is nothing left to seal")
    }

    /// Sealed by pieces: what still waits is counted, and the rest of the chain is none the worse for it.
    @Test func theCornerFollowsWhatIsSealed() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(8))))
        driver.answerAudit([Fixture.unsealed(8), Fixture.record(7)] + Fixture.trail)
        #expect(driver.frame.contains("7 records · 1 unsealed"))
        #expect(driver.frame.ranges(of: "unsealed").count == 2)
    }

    /// Whoever seals last gets the highest number, also for an older entry: the links are judged by numbers.
    @Test func recordsInAnotherOrderThanTheirEntriesAreNoBrokenChain() throws {
        func sealed(_ entry: Int, as seq: Int64, after previous: String) -> AuditRecord {
            AuditRecord(
                id: Fixture.entry(entry), seq: seq, at: Fixture.now, actor: "bob", subject: nil, context: nil,
                action: "users.read", resource: "users", detail: nil, previousHash: previous,
                hash: "h\(seq)")
        }
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        let late = sealed(7, as: 8, after: "h7")
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(8))))
        driver.answerAudit([sealed(8, as: 7, after: "h6"), late] + Fixture.trail)
        #expect(driver.frame.contains("8 records · chain ✓"))
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(9))))
        driver.answerAudit([Fixture.unsealed(9), sealed(8, as: 7, after: "h5"), late] + Fixture.trail)
        #expect(driver.frame.contains("chain ✗ at #7"))
    }

    /// Anybody who knows the channel can say any number: it is a reason to look, and nothing else.
    @Test func aForgedAnnouncementLeadsToOneReadAndNoLoop() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        driver.send(.inside(context.id, .auditGrew(.max)))
        let pending = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.inside(context.id, .loadAudit(pending))])
        driver.answerAudit()
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.context?.audit.pending == nil)
        #expect(driver.frame.contains("6 records · chain ✓"))

        // What is really new is heard of as before.
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(7))))
        driver.answerAudit((2...7).reversed().map(Fixture.record))
        #expect(driver.frame.contains("#7"))
        #expect(driver.state.context?.audit.newest == Fixture.entry(7))
    }

    @Test func whatIsToldDuringAReadLeadsToOneMoreAfterIt() throws {
        let driver = Driver.inside()
        let context = try #require(driver.state.context)
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(7))))
        _ = driver.takeEffects()
        for number in [Fixture.entry(8), Int64.max, Int64.max] {
            driver.send(.inside(context.id, .auditGrew(number)))
        }
        #expect(driver.takeEffects().isEmpty, "one read is on its way")
        driver.answerAudit((1...7).reversed().map(Fixture.record))
        let again = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.inside(context.id, .loadAudit(again))])
        driver.answerAudit((1...8).reversed().map(Fixture.record))
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.context?.audit.pending == nil)
    }

    @Test func aForgedAnnouncementToACompanyElsewhereLeadsToOneReadToo() throws {
        let driver = Driver.two()
        let awesome = try driver.company(1).context.id
        driver.send(.inside(awesome, .auditGrew(.max)))
        #expect(driver.takeEffects().isEmpty, "it is read when somebody looks")
        driver.press(.character("w"))
        let pending = try #require(driver.state.context?.audit.pending)
        #expect(driver.takeEffects() == [.inside(awesome, .loadAudit(pending))])
        driver.answerAudit()
        driver.press(.character("w"), .character("w"))
        #expect(driver.state.context?.id == awesome)
        #expect(driver.takeEffects().isEmpty)
    }
}
