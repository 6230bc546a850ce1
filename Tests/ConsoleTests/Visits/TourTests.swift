import Tenancy
import Terminal
import Testing

@testable import Console

/// The tour that plays by itself, with a clock of the tests' own.
struct TourTests {
    private func touring(columns: Int = 100, rows: Int = 30) -> Driver {
        let driver = Driver(columns: columns, rows: rows)
        driver.state.beginTour()
        driver.present()
        return driver
    }

    /// Lets the clock run until the tour presses something, or gives up.
    private func goOn(_ driver: Driver, until isReached: () -> Bool) {
        for _ in 0..<400 where !isReached() {
            driver.now += driver.state.untilNextChange(at: driver.now) ?? 1_000
            driver.send(.clockTicked)
            driver.present()
        }
    }

    @Test func waitsForTheRowsItSpeaksOf() {
        let driver = touring()
        driver.now += 60_000
        driver.send(.clockTicked)
        #expect(driver.state.tour?.step == 0)
        #expect(driver.state.tour?.dueAt == nil)
        driver.answerCompanies()
        #expect(driver.state.tour?.dueAt != nil)
    }

    @Test func entersImpersonatesAndEnds() {
        let driver = touring()
        driver.answerCompanies()
        goOn(driver) { driver.state.companies.list.filter.text == "awes" }
        #expect(driver.state.companies.list.filter.text == "awes")
        // What was asked for the first letters is answered as well.
        while driver.state.companies.list.pending != nil { driver.answerCompanies([Fixture.companies[0]]) }
        goOn(driver) { driver.state.opening != nil }
        #expect(driver.state.opening?.intent == .access(urlID: "awesome"))
        driver.answerOpening()
        driver.answerUsers()
        driver.answerAudit()
        goOn(driver) { driver.state.context?.users.filter.text == "ada@" }
        while driver.state.context?.users.pending != nil { driver.answerUsers([Fixture.users[0]]) }
        goOn(driver) { driver.state.context?.path.isEmpty == false }
        driver.answerUser()
        goOn(driver) { driver.state.opening != nil }
        guard case .impersonation(let request) = driver.state.opening?.intent else {
            Issue.record("the tour did not impersonate")
            return
        }
        #expect(request.reason == "cannot finish onboarding")
        #expect(request.user == "ada@awesome.example")
        #expect(request.minutes == 5)
        driver.answerOpening(minutes: 5, purpose: .impersonation, subject: "ada@awesome.example")
        driver.answerUser()
        driver.answerAudit()
        _ = driver.takeEffects()
        goOn(driver) {
            driver.effects.contains { if case .inside(_, .changeStep) = $0 { true } else { false } }
        }
        #expect(driver.effects.contains { if case .inside(_, .changeStep) = $0 { true } else { false } })
        #expect(driver.state.tour != nil)
    }

    /// What comes after the impersonation, for an admin and for everybody else.
    @Test(arguments: [Operator.Level.admin, .support])
    func showsTheTablesAndToAnAdminTheProof(level: Operator.Level) throws {
        let driver = Driver.inside(level: level)
        driver.state.beginTour()
        let rest = TourStep.all.drop { $0.keys != [.character("4")] }
        driver.state.tour = TourState(Array(rest))
        driver.present()
        goOn(driver) { driver.state.scope == .tables }
        driver.answerTables()
        goOn(driver) { driver.state.scope == .rows }
        driver.answerRows()
        goOn(driver) { driver.state.scope == .row }
        driver.answerRow()
        goOn(driver) { driver.state.context?.tab == .overview }
        driver.answerOverview()
        goOn(driver) { driver.state.scope == .proof || driver.state.tour == nil }
        #expect((driver.state.scope == .proof) == (level == .admin))
        guard level == .admin else { return }
        let request = try #require(driver.state.proof?.request)
        driver.send(.clockTicked)
        #expect(driver.state.untilTourGoesOn(at: driver.now) == nil, "the proof is on its way")
        driver.send(.control(.proofMade(request, .success(Fixture.proof(failing: 0)))))
        goOn(driver) { driver.state.tour == nil }
        #expect(driver.state.scope == .overview)
    }

    @Test(arguments: [Key.character("q"), .escape, .enter, .control("c"), .character("x")])
    func anyKeyTakesOverAndMeansNothingElse(key: Key) {
        let driver = touring()
        driver.answerCompanies()
        let before = driver.state
        _ = driver.takeEffects()
        driver.press(key)
        #expect(driver.state.tour == nil)
        #expect(driver.effects.isEmpty)
        var expected = before
        expected.tour = nil
        expected.notice = driver.state.notice
        expected.frames = driver.state.frames
        expected.idleLock = driver.state.idleLock
        #expect(driver.state == expected)
        #expect(driver.frame.contains("The keys are yours; ? tells them."))
        #expect(!driver.frame.contains("Tour"))
        driver.press(.character("?"))
        #expect(driver.state.overlays.count == 1)
    }

    @Test func aPasteAndTheMouseTakeOverToo() {
        for event in [
            InputEvent.paste("awes"),
            .mouse(MouseEvent(.press, at: Position(row: 3, column: 3))),
        ] {
            let driver = touring()
            driver.answerCompanies()
            driver.send(.input(event))
            #expect(driver.state.tour == nil)
            #expect(driver.state.companies.list.filter.text == "")
        }
    }

    @Test func afterTheLastWordsNothingIsLeft() {
        let driver = touring()
        driver.answerCompanies()
        driver.state.tour = TourState([TourStep("Once.", pause: 1_000)])
        goOn(driver) { driver.state.tour == nil }
        #expect(driver.state.tour == nil)
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
    }

    @Test func waitsWithoutWakingUpWhileAnAnswerIsOnItsWay() {
        let driver = touring()
        #expect(driver.state.untilTourGoesOn(at: driver.now) == nil)
    }

}
