import Tenancy
import Terminal
import Testing

@testable import Console

/// The engine's own trail on screen.
struct ControlTrailTests {
    private func trail(columns: Int = 80, rows: Int = 24) -> Driver {
        let driver = Driver.admin(columns: columns, rows: rows)
        driver.press(.character("L"))
        driver.answerControlTrail(Fixture.controlTrail(951...1000, hasMore: true))
        _ = driver.takeEffects()
        return driver
    }

    @Test func aRecordOpensToItsDetail() throws {
        let driver = trail()
        driver.press(.down, .enter)
        driver.press(.character("y"), .character("h"))
        #expect(driver.takeEffects() == [.terminal(.copy("h999", what: "the hash"))])
        driver.press(.escape, .escape)
        #expect(driver.state.scope == .companies)
    }

    @Test func olderRecordsAreReadOnTheWay() throws {
        let driver = trail()
        for _ in 0..<2 { driver.press(.pageDown) }
        let pending = try #require(driver.state.controlTrail?.list.pending)
        #expect(pending.place == .after(Fixture.entry(951)))
        driver.answerControlTrail(Fixture.controlTrail(901...950, hasMore: true))
        #expect(driver.state.controlTrail?.list.rows.last?.seq == 901)
        driver.press(.character("G"))
        #expect(driver.state.controlTrail?.list.pending?.place == .end)
        driver.answerControlTrail(Fixture.controlTrail(1...50, hasMore: true))
        #expect(driver.state.controlTrail?.list.selected?.seq == 1, "the other end is reached")
        driver.press(.character("g"))
        driver.answerControlTrail(Fixture.controlTrail(951...1000, hasMore: true))
        #expect(driver.state.controlTrail?.list.selected?.seq == 1000)
    }

    @Test func lateAnswersAreDropped() throws {
        let driver = Driver.admin()
        driver.press(.character("L"))
        let pending = try #require(driver.state.controlTrail?.list.pending)
        driver.press(.character("C"))
        driver.answerContexts()
        driver.send(
            .control(
                .controlTrailLoaded(
                    pending.request, pending.place, .success(Fixture.controlTrail(1...5, hasMore: false)))))
        #expect(driver.state.controlTrail == nil)
        #expect(driver.state.scope == .contexts)
        driver.press(.character("L"), .character("r"))
        #expect(driver.state.controlTrail?.list.rows.isEmpty == true)
    }
}
