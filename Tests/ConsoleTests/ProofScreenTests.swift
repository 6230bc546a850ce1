import Tenancy
import Terminal
import Testing

@testable import Console

/// The proof of the company on screen.
struct ProofScreenTests {
    static let sizes = [(80, 24), (100, 30)]

    private func proving(columns: Int = 80, rows: Int = 24) throws -> Driver {
        let driver = Driver.admin(columns: columns, rows: rows)
        driver.press(.character("p"))
        let request = try #require(driver.state.proof?.request)
        #expect(driver.takeEffects() == [.control(.prove(request, urlID: "awesome"))])
        return driver
    }

    private func advance(_ driver: Driver, _ stages: Proof.Stage...) {
        guard let request = driver.state.proof?.request else { return }
        for stage in stages { driver.send(.control(.proofAdvanced(request, stage))) }
    }

    // MARK: How it looks

    @Test(arguments: sizes)
    func failing(columns: Int, rows: Int) throws {
        let driver = try proving(columns: columns, rows: rows)
        driver.answerProof(Fixture.proof(failing: 2))
        #expect(driver.state.proof?.selectedLine?.id == "gate.check-21", "what failed comes first")
    }

    // MARK: The story

    @Test func theProofOfHerCompanyTakesFourKeysAtMost() {
        let driver = Driver.admin()
        driver.press(.character("/"))
        driver.type("blau")
        while driver.state.companies.list.pending != nil { driver.answerCompanies([Fixture.companies[1]]) }
        driver.press(.tab, .character("p"))
        #expect(driver.state.proof?.urlID == "blau")
        driver.answerProof()
        #expect(driver.frame.contains("The isolation holds"))
        #expect(driver.frame.contains("piste prove blau --report blau.html"))
    }

    @Test func fromInsideOfACompanyAndBack() {
        let driver = Driver.inside(columns: 80, rows: 24, level: .admin)
        driver.press(.character("p"))
        #expect(driver.frame.contains("Awesome Corp ▸ Proof"))
        #expect(driver.frame.contains("ACCESS  read-only"), "the context stays what it is")
        driver.answerProof()
        driver.press(.escape)
        #expect(driver.state.scope == .users)
        #expect(driver.frame.contains("Ada Lovelace"))
    }

    // MARK: Keys

    @Test func everyKeyOfTheScreen() throws {
        let driver = try proving()
        driver.answerProof()
        func selected() -> Int? { driver.state.proof?.selected }
        driver.press(.down)
        #expect(selected() == 1)
        driver.press(.character("G"))
        #expect(selected() == 39)
        driver.press(.up)
        #expect(selected() == 38)
        driver.press(.character("g"))
        #expect(selected() == 0)
        driver.press(.pageDown)
        let page = try #require(selected())
        #expect(page == Layout(driver.state).listRows - ProofScreen.headRows)
        driver.press(.pageUp)
        #expect(selected() == 0)
        driver.press(.character("y"))
        #expect(
            driver.takeEffects() == [
                .terminal(.copy(String(repeating: "ab", count: 32), what: "the proof's digest"))
            ])
        driver.press(.character("r"))
        let request = try #require(driver.state.proof?.request)
        #expect(driver.takeEffects() == [.control(.prove(request, urlID: "awesome"))])
        #expect(driver.state.proof?.outcome == nil, "what held before is not shown as if it held now")
        driver.press(.character("p"), .character("r"), .enter, .character("y"))
        #expect(driver.takeEffects().isEmpty, "one proof at a time")
    }

    @Test func theWholeSelectionStaysOnScreen() throws {
        let driver = try proving()
        driver.answerProof()
        for number in 1...40 {
            #expect(driver.frame.contains("gate.check-\(number) "), "line \(number)")
            driver.press(.down)
        }
    }

    @Test func escCancelsAndALateAnswerIsDropped() throws {
        let driver = try proving()
        let request = try #require(driver.state.proof?.request)
        advance(driver, .catalog(companies: 1))
        driver.press(.escape)
        #expect(driver.takeEffects() == [.control(.cancelProof)])
        #expect(driver.frame.contains("The proof was cancelled"))
        driver.send(.control(.proofAdvanced(request, .probes(count: 60))))
        driver.send(.control(.proofMade(request, .success(Fixture.proof()))))
        #expect(driver.state.proof?.outcome == nil && driver.state.proof?.steps.count == 1)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
        #expect(driver.takeEffects().isEmpty)
    }

    @Test func leavingForAnotherScreenStopsIt() throws {
        let driver = try proving()
        driver.press(.character("O"))
        #expect(driver.takeEffects().first == .control(.cancelProof))
        #expect(driver.state.proof == nil)
    }

    @Test func aRefusalIsSaidAsItIs() throws {
        let driver = try proving()
        let request = try #require(driver.state.proof?.request)
        driver.send(
            .control(.proofMade(request, .failure(TenancyError(.refused, "not_allowed: this is for admins"))))
        )
        #expect(driver.frame.contains("This is for admins."))
        #expect(driver.frame.contains("r proves again, esc goes back."))
    }

    @Test func itsLinesAreFilteredAndEscapeBringsThemBack() {
        let driver = Driver.proven(Size(columns: 100, rows: 30), failing: 2)
        driver.press(.character("/"))
        driver.type("failed")
        #expect(driver.state.proof?.lines.count == 2)
        #expect(driver.frame.contains("/failed") && driver.frame.contains("1 of 2"))
        driver.press(.control("u"))
        driver.type("/check-1[0-9]$/")
        #expect(driver.state.proof?.lines.count == 10)
        driver.press(.enter, .down)
        #expect(driver.state.proof?.selectedLine?.id == "gate.check-11")
        driver.press(.character("/"), .control("u"))
        driver.type("nothing of the kind")
        #expect(driver.frame.contains("No check fits") && driver.frame.contains("0 of 0"))
        driver.press(.enter, .enter)
        #expect(driver.state.overlays.isEmpty)
        driver.press(.escape)
        #expect(driver.state.proof?.lines.count == 40)
        driver.press(.escape)
        #expect(driver.state.proof == nil)
    }
}
