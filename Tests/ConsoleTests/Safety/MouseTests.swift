import Tenancy
import Terminal
import Testing

@testable import Console

/// Clicks and the wheel, for those who switched them on.
struct MouseTests {
    private func click(_ driver: Driver, on text: String, _ kind: MouseEvent.Kind = .press) {
        let lines = driver.frame.split(separator: "\n", omittingEmptySubsequences: false)
        guard let row = lines.firstIndex(where: { $0.prefix(55).contains(text) }) else {
            Issue.record("no \(text) in\n\(driver.frame)")
            return
        }
        driver.send(.input(.mouse(MouseEvent(kind, at: Position(row: row, column: 5)))))
        driver.present()
    }

    @Test func aClickSelects() {
        let driver = Driver()
        driver.answerCompanies()
        click(driver, on: "Sleepy")
        #expect(driver.state.companies.list.selected?.urlID == "sleepy")
        click(driver, on: "Blau")
        #expect(driver.state.companies.list.selected?.urlID == "blau")
        #expect(driver.state.opening == nil)
    }

    @Test func aDoubleClickOpens() {
        let driver = Driver()
        driver.answerCompanies()
        click(driver, on: "Blau")
        click(driver, on: "Blau", .doublePress)
        #expect(driver.state.opening?.intent == .access(urlID: "blau"))
        let inside = Driver.inside()
        click(inside, on: "Grace", .doublePress)
        guard let user = inside.state.context?.user else {
            Issue.record("no user is open")
            return
        }
        #expect(user.id == 2)
    }

    @Test func aClickBesideTheRowsDoesNothing() {
        let driver = Driver()
        driver.answerCompanies()
        let before = driver.state.companies
        for (row, column) in [(0, 3), (1, 3), (2, 3), (9, 3), (29, 3), (4, 90), (4, 0), (500, 500)] {
            for kind in [MouseEvent.Kind.press, .doublePress] {
                driver.send(.input(.mouse(MouseEvent(kind, at: Position(row: row, column: column)))))
            }
        }
        #expect(driver.state.companies == before)
        #expect(driver.state.opening == nil)
    }

    @Test func theWheelScrolls() {
        let driver = Driver()
        driver.answerCompanies(Fixture.manyCompanies(0..<50))
        driver.send(.input(.mouse(MouseEvent(.wheelDown, at: Position(row: 5, column: 5)))))
        #expect(driver.state.companies.list.selectedNumber == 4)
        driver.send(.input(.mouse(MouseEvent(.wheelUp, at: Position(row: 5, column: 5)))))
        #expect(driver.state.companies.list.selectedNumber == 1)
        driver.press(.character("?"))
        driver.send(.input(.mouse(MouseEvent(.wheelDown, at: Position(row: 5, column: 5)))))
        #expect(driver.state.overlays == [.help(HelpState(top: 3))])
    }

    @Test func everyListTakesClicks() {
        let audit = Driver.inside()
        audit.goToTrail()
        click(audit, on: "context.opened")
        #expect(audit.state.context?.audit.trail.selected?.seq == 3)
        let contexts = Driver.inside()
        contexts.press(.character("C"))
        contexts.answerContexts()
        click(contexts, on: "Blau")
        #expect(contexts.state.contexts?.selectedRecord?.urlID == "blau")
        click(contexts, on: "Blau", .doublePress)
        #expect(contexts.state.overlays.isEmpty)
        let operators = Driver.admin()
        operators.press(.character("O"))
        operators.answerOperators()
        click(operators, on: "bob")
        #expect(operators.state.operators?.list.selected == "bob")
    }

    @Test func theStepsAndJourneysTakeClicks() {
        for size in [Size(columns: 80, rows: 24), Size(columns: 100, rows: 30), Size(columns: 200, rows: 60)]
        {
            let user = Driver.onUser(size)
            for (name, id) in [("First order", Int64(12)), ("Onboarding", 11)] {
                let row = user.frame.split(separator: "\n", omittingEmptySubsequences: false)
                    .firstIndex { $0.contains(name) }
                let place = Position(row: row ?? 0, column: size.columns - 10)
                user.send(.input(.mouse(MouseEvent(.press, at: place))))
                guard let shown = user.state.context?.user else { return }
                #expect(shown.list.selected == id, "\(name) at \(size)")
            }
            let journey = Driver.onJourney(size)
            for name in ["go live", "sign up", "connect data"] {
                click(journey, on: name)
                guard let shown = journey.state.context?.journey else { return }
                #expect(shown.list.selectedRow?.name == name, "\(name) at \(size)")
            }
        }
    }

    @Test func checksAndMigrationsTakeClicks() {
        let proof = Driver.proven(Size(columns: 80, rows: 24))
        click(proof, on: "gate.check-3")
        #expect(proof.state.proof?.selectedLine?.id == "gate.check-3")
        click(proof, on: "gate.check-2", .doublePress)
        if case .evidence(let evidence) = proof.state.overlays.last {
            #expect(evidence.line.id == "gate.check-2")
        } else {
            Issue.record("the evidence is not shown")
        }
        let migrations = Driver.migrations()
        click(migrations, on: "hokkaido")
        #expect(migrations.state.migrations?.list.selected?.urlID == "hokkaido")
        click(migrations, on: "hokkaido", .doublePress)
        #expect(migrations.state.overlays.isEmpty)
    }

    @Test func noClickConfirms() {
        let driver = Driver.impersonating()
        driver.press(.character("e"), .character("r"))
        let asked = driver.state.overlays
        _ = driver.takeEffects()
        for row in 0..<30 {
            for column in stride(from: 0, to: 100, by: 7) {
                for kind in [MouseEvent.Kind.press, .doublePress, .wheelUp, .wheelDown] {
                    driver.send(.input(.mouse(MouseEvent(kind, at: Position(row: row, column: column)))))
                }
            }
        }
        #expect(driver.takeEffects() == [])
        #expect(driver.state.overlays == asked)
    }
}
