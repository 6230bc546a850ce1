import Tenancy
import Terminal
import Testing

@testable import Console

/// A company's whole trail: searched by PostgreSQL, both ends within reach, the newest records as they come.
struct AuditTrailTests {
    private func onTrail(_ records: [AuditRecord] = Fixture.trail, hasMore: Bool = false) -> Driver {
        let driver = Driver.inside(rows: 40)
        driver.press(.character("5"))
        driver.answerTrail(records, hasMore: hasMore)
        _ = driver.takeEffects()
        return driver
    }

    private func shown(_ driver: Driver) -> [Int64]? {
        driver.state.context?.audit.trail.rows.compactMap(\.seq)
    }

    private func asked(_ driver: Driver) -> (filter: String, place: PageRequest<Int64>.Place)? {
        for case .inside(_, .loadTrail(_, let filter, let page)) in driver.takeEffects() {
            return (filter, page.place)
        }
        return nil
    }

    /// The server told of a record, which is read.
    private func append(_ seqs: [Int], to driver: Driver) throws {
        let context = try #require(driver.state.context)
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(seqs.max() ?? 0))))
        driver.answerAudit(seqs.sorted(by: >).map(Fixture.record))
    }

    @Test func aFilterIsTheServersAndLooksAtAllRecords() throws {
        let driver = onTrail()
        driver.press(.character("/"))
        driver.type("!users.read")
        #expect(asked(driver)?.filter == "!u", "the first that is a filter is on its way")
        driver.answerTrail([])
        let latest = try #require(asked(driver))
        #expect(latest.filter == "!users.read" && latest.place == .start)
        driver.answerTrail([Fixture.record(6), Fixture.record(3)])
        #expect(shown(driver) == [6, 3])
        driver.type("/(")
        #expect(asked(driver)?.filter != nil)
        driver.press(.escape)
        driver.answerTrail([])
        #expect(asked(driver)?.filter == "")
    }

    @Test func rowsOfAFilterThatIsTakenAwayAreNoBrokenChain() {
        let driver = onTrail()
        driver.press(.character("/"))
        driver.type("i")
        driver.answerTrail([Fixture.record(6), Fixture.record(2)])
        #expect(driver.frame.contains("chain ✓"))
        driver.press(.escape)
        #expect(shown(driver) == [6, 2])
        #expect(driver.frame.contains("chain ✓"))
        driver.answerTrail()
        #expect(driver.frame.contains("chain ✓"))
    }

    @Test func anUnfinishedExpressionLeavesTheRows() {
        let driver = onTrail()
        driver.press(.character("/"))
        driver.type("/(")
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.frame.contains("No expression yet"))
        #expect(shown(driver) == [6, 5, 4, 3, 2, 1])
    }

    @Test func bothEndsAreReached() throws {
        let many = (51...100).reversed().map(Fixture.record)
        let driver = onTrail(many, hasMore: true)
        driver.press(.character("G"))
        #expect(asked(driver)?.place == .end)
        driver.answerTrail((1...50).reversed().map(Fixture.record), hasMore: true)
        #expect(driver.state.context?.audit.trail.selected?.seq == 1)
        driver.press(.character("g"))
        #expect(asked(driver)?.place == .start)
    }

    @Test func newRecordsComeOnTopAndTheSelectionFollowsOnlyThere() throws {
        let driver = onTrail()
        try append([6, 7], to: driver)
        #expect(shown(driver) == [7, 6, 5, 4, 3, 2, 1])
        #expect(driver.state.context?.audit.trail.selected?.seq == 7)
        driver.press(.down)
        try append([6, 7, 8], to: driver)
        #expect(shown(driver)?.first == 8)
        #expect(driver.state.context?.audit.trail.selected?.seq == 6)
        #expect(asked(driver) == nil)
    }

    @Test func underAFilterOnlyWhatFitsComes() throws {
        let driver = onTrail()
        driver.press(.character("/"))
        driver.type("token")
        driver.answerTrail([])
        driver.answerTrail([Fixture.record(2)])
        try append([6, 7], to: driver)
        #expect(shown(driver) == [2], "record 7 created a company")
        try append([7, 8], to: driver)
        #expect(shown(driver) == [8, 2], "record 8 issued a token")
    }

    @Test func whereSomeWereMissedTheWindowIsReadAgain() throws {
        let driver = onTrail()
        try append([98, 99], to: driver)
        #expect(asked(driver)?.place == .start)
        #expect(shown(driver) == [6, 5, 4, 3, 2, 1])
        driver.answerTrail([99, 98].map(Fixture.record), hasMore: true)
        #expect(shown(driver) == [99, 98])
    }

    @Test func aWindowFurtherDownStaysAsItIs() throws {
        let driver = onTrail((51...100).reversed().map(Fixture.record), hasMore: true)
        driver.press(.character("G"))
        driver.answerTrail((1...50).reversed().map(Fixture.record), hasMore: true)
        try append([100, 101], to: driver)
        #expect(shown(driver)?.first == 50)
    }

    @Test func anAnswerForAnotherContextIsDropped() throws {
        let driver = onTrail()
        driver.press(.character("r"))
        let pending = try #require(driver.state.context?.audit.trail.pending)
        driver.send(
            .inside(
                ContextID(number: 999),
                .trailLoaded(
                    pending.request, pending.place,
                    .success(Page(rows: [Fixture.record(77)], hasMore: false)))))
        #expect(shown(driver)?.contains(77) == false)
        #expect(driver.state.context?.audit.trail.pending != nil)
    }

    @Test func aBrokenLinkAmongTheRowsReadIsSaid() {
        let forged = AuditRecord(
            id: Fixture.entry(3), seq: 3, at: Fixture.now, actor: "eve", subject: nil, context: nil,
            action: "users.read", resource: nil, detail: nil, previousHash: "h2", hash: "forged")
        let driver = onTrail([Fixture.record(5), Fixture.record(4), forged, Fixture.record(2)])
        #expect(driver.frame.contains("chain ✗ at #4"))
    }

    /// Pages go by the entries' ids: what is not sealed has no number.
    @Test func olderRecordsAreAskedForBehindTheLastEntry() {
        let driver = onTrail([Fixture.unsealed(60)] + (11...59).reversed().map(Fixture.record), hasMore: true)
        driver.press(.pageDown, .pageDown)
        #expect(asked(driver)?.place == .after(Fixture.entry(11)))
    }

    @Test func rowsThatWereSealedMeanwhileAreReadAgain() throws {
        let driver = onTrail([Fixture.unsealed(7)] + Fixture.trail)
        #expect(driver.frame.contains("unsealed"))
        let context = try #require(driver.state.context)
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(7))))
        driver.answerAudit([Fixture.unsealed(7)] + Fixture.trail)
        #expect(asked(driver) == nil, "it still waits")
        driver.send(.inside(context.id, .auditGrew(Fixture.entry(7))))
        driver.answerAudit((1...7).reversed().map(Fixture.record))
        #expect(asked(driver)?.place == .start)
        driver.answerTrail((1...7).reversed().map(Fixture.record))
        #expect(shown(driver) == [7, 6, 5, 4, 3, 2, 1])
        #expect(driver.frame.contains("7 records · chain ✓"))
        #expect(!driver.frame.contains("unsealed"))
    }

    @Test func whatHasNoNumberYetHasNoneToCopyAndNoHash() {
        let driver = onTrail([Fixture.unsealed(7)] + Fixture.trail)
        driver.press(.enter)
        #expect(driver.frame.contains("Record unsealed"))
        driver.press(.character("y"), .character("a"), .character("h"))
        #expect(driver.takeEffects() == [])
        driver.press(.character("l"))
        guard case .terminal(.copy(let line, what: _)) = driver.takeEffects().first else {
            Issue.record("the record is not copied")
            return
        }
        #expect(line.hasPrefix("\t") && line.hasSuffix("\t") && line.contains("company.created"))
    }

    // MARK: Values

    private static let values = #"{"new": {"name": "Grace Hopper"}, "old": {"name": "Grace Murray"}}"#

    @Test func aRecordWithValuesAsksForThemOnceAndShowsThem() throws {
        let driver = onTrail([Fixture.withValues(7)] + Fixture.trail)
        let id = try #require(driver.state.context?.id)
        driver.press(.enter)
        #expect(driver.takeEffects() == [.inside(id, .loadValues(record: Fixture.entry(7)))])
        #expect(driver.frame.contains("kept apart from the trail"))
        driver.send(.inside(id, .valuesLoaded(Fixture.entry(7), .success(Self.values))))
        #expect(driver.frame.contains("Grace Hopper") && driver.frame.contains("Grace Murray"))
        #expect(!driver.frame.contains("kept apart"))
        driver.press(.escape)
        #expect(!driver.frame.contains("Grace"))
        driver.press(.enter)
        #expect(driver.takeEffects() == [], "they were read")
        #expect(driver.frame.contains("Grace Hopper"))
    }

    @Test func aRecordWithoutValuesAsksForNone() {
        let driver = onTrail([Fixture.withValues(7)] + Fixture.trail)
        driver.press(.down, .enter)
        #expect(driver.frame.contains("Record #6"))
        #expect(driver.takeEffects() == [])
        #expect(!driver.frame.contains("values"))
    }

    @Test func valuesThatAreGoneAreSaidToBeAndAFailureIsTriedAgain() throws {
        let driver = onTrail([Fixture.withValues(8), Fixture.withValues(7)] + Fixture.trail)
        let id = try #require(driver.state.context?.id)
        driver.press(.enter)
        driver.send(.inside(id, .valuesLoaded(Fixture.entry(8), .success(nil))))
        #expect(driver.frame.contains("erased"))
        driver.press(.escape, .down, .enter)
        _ = driver.takeEffects()
        driver.send(
            .inside(id, .valuesLoaded(Fixture.entry(7), .failure(TenancyError(.failed, "no such luck")))))
        #expect(driver.frame.contains("no such luck"))
        driver.press(.escape, .enter)
        #expect(driver.takeEffects() == [.inside(id, .loadValues(record: Fixture.entry(7)))])
    }

    @Test func valuesOfAnotherContextAreDroppedAndOwnOnesGoWithIt() throws {
        let driver = onTrail([Fixture.withValues(7)] + Fixture.trail)
        let id = try #require(driver.state.context?.id)
        driver.press(.enter)
        driver.send(.inside(ContextID(number: 999), .valuesLoaded(Fixture.entry(7), .success(Self.values))))
        #expect(!driver.frame.contains("Grace"))
        driver.send(.inside(id, .valuesLoaded(Fixture.entry(7), .success(Self.values))))
        #expect(driver.frame.contains("Grace Hopper"))
        driver.now += 30 * 60 * 1000
        driver.send(.clockTicked)
        #expect(!driver.frame.contains("Grace"))
        #expect(driver.state.context?.audit.values.isEmpty == true)
        driver.send(.inside(id, .valuesLoaded(Fixture.entry(7), .success(Self.values))))
        #expect(driver.state.context?.audit.values.isEmpty == true, "it comes too late")
    }
}
