import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// The company's figures on screen.
struct OverviewTests {
    private func overview(
        columns: Int = 80, rows: Int = 24, glyphs: Glyphs = .unicode, _ figures: Overview = Fixture.overview
    ) -> Driver {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.state.glyphs = glyphs
        driver.press(.character("1"))
        driver.answerOverview(figures)
        _ = driver.takeEffects()
        return driver
    }

    @Test func lookOfAMillion() throws {
        try expectFrame(overview(columns: 100, rows: 30, Fixture.largeOverview), "overview-large-100x30")
    }

    @Test func lookOfNothing() throws {
        try expectFrame(overview(columns: 100, rows: 30, Overview()), "overview-empty-100x30")
    }

    @Test func everyLineIsReached() throws {
        let driver = overview()
        #expect(!driver.frame.contains("Audit records by actor"))
        driver.press(.end)
        #expect(driver.frame.contains("Audit records by actor"))
        #expect(driver.frame.contains("Audit records by kind"))
        try expectFrame(driver, "overview-end-80x24")
        let last = try #require(driver.state.context?.overview.top)
        let moves: [(Key, Int)] = [
            (.home, 0), (.down, 1), (.character("j"), 2), (.character("k"), 1), (.up, 0), (.up, 0),
            (.pageDown, min(15, last)), (.pageUp, 0), (.control("d"), min(7, last)), (.control("u"), 0),
            (.character("G"), last), (.down, last), (.character("g"), 0),
        ]
        for (key, top) in moves {
            driver.press(key)
            #expect(driver.state.context?.overview.top == top, "\(key)")
        }
        #expect(driver.takeEffects().isEmpty, "nothing is read for it")
    }

    @Test func figuresAreReadOnceAndAgainWithR() throws {
        let driver = overview()
        driver.press(.character("2"), .character("1"), .tab, .backTab)
        #expect(
            !driver.takeEffects().contains { if case .inside(_, .loadOverview) = $0 { true } else { false } })
        driver.press(.character("r"), .character("r"))
        let asked = driver.takeEffects().filter {
            if case .inside(_, .loadOverview) = $0 { true } else { false }
        }
        #expect(asked.count == 1, "one read at a time")
        #expect(driver.frame.contains("reading again"))
        #expect(driver.frame.contains("Onboarding"), "the old figures stay meanwhile")
        driver.answerOverview(Fixture.largeOverview)
        #expect(driver.frame.contains("≈997k"))
    }

    @Test func anotherContextHasNoneOfThem() throws {
        let driver = overview()
        let id = try #require(driver.state.context?.id)
        driver.press(.character("r"))
        let request = try #require(driver.state.context?.overview.pending)
        driver.press(.escape, .down, .enter)
        driver.answerOpening()
        driver.answerUsers()
        driver.press(.character("1"))
        #expect(!driver.frame.contains("Onboarding"))
        driver.send(.inside(id, .overviewLoaded(request, .success(Fixture.overview))))
        #expect(!driver.frame.contains("Onboarding"), "a late answer for a company that was left is dropped")
        driver.answerOverview(Fixture.largeOverview)
        #expect(driver.frame.contains("Onboarding"))
        driver.now += 30 * 60 * 1000
        driver.send(.clockTicked)
        #expect(!driver.frame.contains("≈893k"), "the end of the context wipes them")
    }

    @Test func aReadThatFailsOrTakesLongSaysSo() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("1"))
        #expect(!driver.frame.contains("reading"))
        driver.now += 500
        driver.send(.clockTicked)
        #expect(driver.frame.contains("reading the figures · esc cancels"))
        driver.press(.escape)
        let id = try #require(driver.state.context?.id)
        #expect(driver.takeEffects().contains(.inside(id, .cancel)))
        let request = try #require(driver.state.context?.overview.pending)
        driver.send(.inside(id, .overviewLoaded(request, .failure(TenancyError(.cancelled, "Cancelled.")))))
        #expect(driver.frame.contains("r reads again"))
        driver.press(.character("r"))
        driver.answerOverview()
        #expect(driver.frame.contains("Sign-ups, 28 days"))
    }

    @Test func chartsHaveColoursOfTheirOwnAndWordsBesideThem() {
        let canvas = FrameView(overview(columns: 200, rows: 60).state).draw().canvas
        let roles = Set(canvas.cells.map(\.style.role))
        #expect(roles.isSuperset(of: [.chart1, .chart2, .chart3, .chart4, .warn]))
        for word in ["running", "stalled", "34 stalled", "900", "69%", "users.read", "alice"] {
            #expect(canvas.text.contains(word))
        }
    }

    @Test(arguments: [(80, 24), (200, 60)])
    func aJourneysTimeLine(columns: Int, rows: Int) throws {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.press(.enter)
        driver.answerUser()
        driver.press(.enter)
        driver.answerJourney()
        #expect(driver.frame.contains("Time line"))
        #expect(driver.frame.contains("▶"))
    }

    @Test func manyStepsShareOneLine() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.enter)
        driver.answerUser()
        driver.press(.enter)
        let steps = (1...10).map { position in
            let entered = Fixture.now.addingTimeInterval(Double(position - 12) * 43200)
            return JourneyStep(
                id: Int64(position), journeyID: 11, position: position, name: "step \(position)",
                state: position < 10 ? .done : .stalled, enteredAt: entered,
                completedAt: position < 10 ? entered.addingTimeInterval(36000) : nil, note: nil)
        }
        driver.answerJourney(JourneyDetail(journey: Fixture.onboarding, steps: steps))
        let line = try #require(driver.frame.split(separator: "\n").first { $0.contains("Time line") })
        for digit in "1234567890" { #expect(line.contains(digit)) }
        #expect(line.contains("6 d"))
        try expectFrame(driver, "journey-long-80x24")
    }

    @Test func noStepEnteredNoTimeLine() {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.enter)
        driver.answerUser()
        driver.press(.enter)
        driver.answerJourney(JourneyDetail(journey: Fixture.onboarding, steps: []))
        #expect(!driver.frame.contains("Time line"))
    }
}
