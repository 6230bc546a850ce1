import Tenancy
import Terminal
import Testing

@testable import Console

/// Several companies open at once: how one opens, goes on and off the screen, and closes.
struct OpenCompaniesTests {
    @Test func theListLeavesACompanyOpen() throws {
        let driver = Driver.inside()
        driver.press(.character("0"))
        #expect(driver.state.scope == .companies)
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.state.openCompanies.map(\.urlID) == ["awesome"])
        #expect(driver.frame.contains("1 company open"))
        #expect(driver.frame.contains(" 1 Awesome Corp 30:00"))
        #expect(driver.state.companies.list.selected?.urlID == "awesome")
    }

    @Test func oneKeyGoesBackAndForth() throws {
        let driver = Driver.two()
        #expect(driver.state.context?.urlID == "blau")
        #expect(driver.state.number == 2)
        for expected in ["awesome", "blau", "awesome"] {
            driver.press(.character("w"))
            #expect(driver.state.context?.urlID == expected)
        }
        for expected in ["blau", "awesome"] {
            driver.press(.character("-"))
            #expect(driver.state.context?.urlID == expected)
        }
        driver.press(.character("W"))
        #expect(driver.state.context?.urlID == "blau")
        #expect(driver.takeEffects().isEmpty)
    }

    @Test func switchingShowsTheRowsThatAreThereAndEachKeepsItsPlace() {
        let driver = Driver.two()
        driver.press(.down)
        driver.press(.character("w"))
        #expect(driver.frame.contains("Ada Lovelace"))
        #expect(!driver.frame.contains("Bernd Blau"))
        driver.press(.enter)
        driver.answerUser()
        driver.press(.character("w"))
        #expect(driver.state.context?.users.selected?.name == "Clara Blau")
        #expect(driver.state.context?.path == [])
        driver.press(.character("w"))
        #expect(driver.state.scope == .user)
        #expect(driver.frame.contains("ada@awesome.example"))
    }

    @Test func aCompanyThatIsOpenIsGoneToAndNotEnteredAfresh() throws {
        let driver = Driver.two()
        let first = try driver.company(1).context.id
        driver.press(.character("0"), .home, .enter)
        #expect(driver.state.opening == nil)
        #expect(driver.state.context?.id == first)
        driver.press(.character(":"))
        driver.type("company blau")
        #expect(driver.frame.contains("Go to Blau & Söhne GmbH, open as 2"))
        driver.press(.enter)
        #expect(driver.state.context?.urlID == "blau")
        #expect(
            driver.takeEffects().filter { if case .inside(_, .open) = $0 { true } else { false } }.isEmpty)
    }

    @Test func onlyTheKeyForItAsksForAFreshToken() throws {
        let driver = Driver.two()
        let before = try driver.company(2).context.id
        driver.press(.character("R"))
        #expect(driver.state.opening?.intent == .access(urlID: "blau"))
        driver.answerOpening()
        #expect(driver.takeEffects().contains(.inside(before, .leave)))
        #expect(driver.state.openCompanies.map(\.number) == [1, 2])
        #expect(driver.state.number == 2)
    }

    @Test func digitsGoToACompanyFromTheList() {
        let driver = Driver.two()
        driver.press(.character("0"), .character("1"))
        #expect(driver.state.context?.urlID == "awesome")
        driver.press(.character("0"), .character("2"))
        #expect(driver.state.context?.urlID == "blau")
        driver.press(.character("0"), .character("7"))
        #expect(driver.frame.contains("No company is open as number 7."))
        driver.press(.character("C"))
        driver.answerContexts()
        driver.press(.character("1"))
        #expect(driver.state.context?.urlID == "awesome")
        #expect(driver.state.contexts == nil)
    }

    @Test func digitsInsideACompanyStayItsViews() {
        let driver = Driver.two()
        driver.press(.character("1"))
        #expect(driver.state.context?.urlID == "blau")
        #expect(driver.state.context?.tab == .overview)
    }

    @Test func thePaletteGoesToANumber() {
        let driver = Driver.two()
        driver.press(.character(":"))
        driver.type("tab 1")
        #expect(driver.frame.contains("Go to Awesome Corp"))
        driver.press(.enter)
        #expect(driver.state.context?.urlID == "awesome")
        driver.press(.character(":"))
        driver.type("tab 8")
        driver.press(.enter)
        #expect(driver.frame.contains("No company is open as number 8."))
    }

    @Test func closingEndsTheContextAndLeavesTheOthers() throws {
        let driver = Driver.two()
        let (first, second) = (try driver.company(1).context.id, try driver.company(2).context.id)
        driver.press(.escape)
        #expect(driver.takeEffects() == [.inside(second, .leave)])
        #expect(driver.state.scope == .companies)
        #expect(driver.state.openCompanies.map(\.context.id) == [first])
        driver.press(.character("w"), .enter)
        driver.answerUser()
        driver.press(.character("Q"))
        #expect(driver.takeEffects().contains(.inside(first, .leave)))
        #expect(driver.state.openCompanies.isEmpty)
        #expect(driver.frame.contains("no company open"))
    }

    @Test func theListClosesTheSelectedCompanyWithoutGoingThere() throws {
        let driver = Driver.two()
        let blau = try driver.company(2).context.id
        driver.press(.character("0"), .end, .character("Q"))
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.frame.contains("is not open."))
        driver.press(.home, .down, .character("Q"))
        #expect(driver.takeEffects() == [.inside(blau, .leave)])
        #expect(driver.frame.contains("2 Blau & Söhne GmbH is closed."))
        #expect(driver.state.openCompanies.map(\.urlID) == ["awesome"])
        #expect(driver.state.scope == .companies)
    }

    @Test func aNumberStaysAndAFreeOneIsTakenAgain() throws {
        let driver = Driver.two()
        driver.press(.character("w"), .escape)
        #expect(driver.state.openCompanies.map(\.number) == [2])
        driver.press(.home, .down, .down, .enter)
        driver.answerOpening()
        #expect(driver.state.context?.urlID == "hokkaido")
        #expect(driver.state.openCompanies.map(\.number) == [1, 2])
        #expect(driver.state.openCompanies.map(\.urlID) == ["hokkaido", "blau"])
    }

    @Test func theTenthCompanyIsRefusedInWords() {
        let driver = Driver()
        driver.answerCompanies()
        driver.open(9)
        #expect(driver.state.openCompanies.map(\.number) == Array(1...9))
        driver.press(.character("0"))
        driver.companiesList([Fixture.company("tenth", "Tenth", "okta", 1)])
        driver.press(.enter)
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("Nine companies are open; close one first"))
        driver.press(.character("i"))
        #expect(driver.state.overlays.isEmpty)
    }

    @Test func aCompanyOpensAsideWhenTheOperatorWentOn() throws {
        let driver = Driver.inside()
        driver.press(.character("0"), .home, .down, .enter)
        let opening = try #require(driver.state.opening)
        driver.press(.character("1"))
        #expect(driver.state.context?.urlID == "awesome")
        driver.send(
            .inside(
                opening.id,
                .opened(
                    Fixture.context("blau", minutes: 30, purpose: .access, subject: nil),
                    opening.intent)))
        #expect(driver.state.context?.urlID == "awesome")
        #expect(driver.frame.contains("2 Blau & Söhne GmbH is open."))
        #expect(driver.frame.contains("Ada Lovelace"))
        _ = driver.takeEffects()
        driver.press(.character("w"))
        #expect(driver.state.context?.urlID == "blau")
        driver.answerUsers(Fixture.blauUsers)
        driver.answerAudit()
        #expect(
            driver.takeEffects().contains { if case .inside(_, .watchAudit) = $0 { true } else { false } })
        #expect(driver.frame.contains("Bernd Blau"))
    }

    @Test func aFreshTokenThatComesLateTakesItsCompanysPlace() throws {
        let driver = Driver.two()
        let before = try driver.company(2).context.id
        driver.press(.character("R"))
        let opening = try #require(driver.state.opening)
        driver.press(.character("w"))
        _ = driver.takeEffects()
        driver.send(
            .inside(
                opening.id,
                .opened(
                    Fixture.context("blau", minutes: 30, purpose: .access, subject: nil),
                    opening.intent)))
        #expect(driver.takeEffects() == [.inside(before, .leave)])
        #expect(driver.state.context?.urlID == "awesome")
        #expect(try driver.company(2).context.id == opening.id)
    }

    @Test func quittingAsksAndNamesHowManyContextsEnd() {
        let driver = Driver.two()
        driver.press(.character("0"), .character("q"))
        #expect(driver.frame.contains("The contexts for 2 companies end with it."))
        driver.press(.character("y"))
        #expect(driver.takeEffects() == [.terminal(.quit)])
    }

    @Test func withNothingElseOpenTheKeySaysSo() {
        let driver = Driver.inside()
        driver.press(.character("w"))
        #expect(driver.frame.contains("No other company is open"))
        #expect(driver.state.context?.urlID == "awesome")
    }

    @Test func theBottomLineOffersTheKeyOnlyWhereItLeadsSomewhere() {
        #expect(!Driver.inside(columns: 200).frame.contains("w switch"))
        #expect(Driver.two(columns: 200).frame.contains("w switch"))
    }

    // MARK: Clocks

    @Test func oneTickASecondAndOnlyItsCells() {
        let driver = Driver.two()
        let wait = driver.state.untilNextChange(at: driver.now + 300)
        #expect(wait == 700)
        let before = FrameView(driver.state).draw().canvas
        driver.now += 1000
        driver.send(.clockTicked)
        let after = FrameView(driver.state).draw().canvas
        let changed = before.cells.indices.filter { before.cells[$0] != after.cells[$0] }
        #expect(!changed.isEmpty)
        // The top bar's countdown, and the two in the line below it.
        #expect(changed.allSatisfy { (94..<99).contains($0) || (100..<200).contains($0) })
        #expect(changed.count <= 15)
    }

    @Test func theListKeepsTheClocksOfWhatIsOpen() {
        let driver = Driver.two()
        driver.press(.character("0"))
        #expect(driver.state.untilNextChange(at: driver.now + 400) == 600)
        driver.press(.character("1"), .escape, .character("2"), .escape)
        #expect(driver.state.openCompanies.isEmpty)
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
    }
}
