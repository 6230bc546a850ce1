import Tenancy
import Terminal
import Testing

@testable import Console

/// The palette: what was used lately, arguments that complete, letters that fit.
struct PaletteTests {
    private func entries(_ driver: Driver) -> [PaletteEntry] {
        guard case .palette(let palette) = driver.state.overlays.last else { return [] }
        return driver.state.paletteEntries(palette)
    }

    @Test func whatWasUsedLatelyComesFirst() {
        let driver = Driver.inside()
        driver.press(.character(":"))
        #expect(entries(driver).first?.target == .company("awesome"))
        driver.type("next tab")
        driver.press(.enter)
        driver.press(.character(":"))
        #expect(entries(driver).first?.target == .command(.nextTab))
        #expect(entries(driver).filter { $0.target == .command(.nextTab) }.count == 1)
        #expect(entries(driver).dropFirst().first?.target == .company("awesome"))
    }

    @Test func theLettersThatFitAreMarked() {
        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("thpl")
        let entry = entries(driver).first { $0.target == .theme("piste-light") }
        // “theme piste-light”, the p and the l where words begin.
        #expect(entry?.matched == [0, 1, 6, 12])
        let canvas = FrameView(driver.state).draw().canvas
        let underlined = canvas.cells.filter { $0.style.modifiers.contains(.underline) }.map(\.text)
        #expect(underlined.contains("t") && underlined.contains("l"))
    }

    @Test func theBestPlaceWinsAndNotTheFirst() {
        #expect(FuzzyMatch("li", in: "piste light lion")?.places == [6, 7])
        #expect(FuzzyMatch("zz", in: "piste") == nil)
        #expect(FuzzyMatch("", in: "piste")?.places == [])
    }

    @Test func aCompanyIsFoundByTheServerAndCompletedByTab() throws {
        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("company ")
        #expect(driver.takeEffects() == [])
        driver.type("far")
        let asked = driver.takeEffects()
        guard case .control(.suggestCompanies(let request, "f")) = asked.first else {
            Issue.record("\(asked)")
            return
        }
        #expect(asked.count == 1)
        let far = Fixture.company("far-away", "Far Away", "okta", 1)
        driver.send(.control(.companiesSuggested(request, .success(Page(rows: [far], hasMore: false)))))
        // What was typed meanwhile is asked for now.
        guard case .control(.suggestCompanies(let next, "far")) = driver.takeEffects().first else {
            Issue.record("nothing was asked")
            return
        }
        driver.send(.control(.companiesSuggested(next, .success(Page(rows: [far], hasMore: false)))))
        driver.send(.control(.companiesSuggested(request, .success(Page(rows: [], hasMore: false)))))
        #expect(entries(driver).first?.target == .company("far-away"))
        driver.press(.tab)
        guard case .palette(let palette) = driver.state.overlays.last else {
            Issue.record("the palette is closed")
            return
        }
        #expect(palette.field.text == "company far-away")
        driver.press(.enter)
        #expect(driver.state.opening?.intent == .access(urlID: "far-away"))
    }

    @Test func aUserIsListedInsideACompanyOnly() throws {
        let outside = Driver()
        outside.answerCompanies()
        outside.press(.character(":"))
        outside.type("user ada@")
        outside.press(.enter)
        #expect(outside.frame.contains("enter one first"))

        let driver = Driver.inside()
        driver.press(.character("1"))
        driver.answerOverview()
        driver.press(.character(":"))
        driver.type("user ada@")
        #expect(entries(driver).map(\.title) == ["user ada@", "user ada@awesome.example"])
        driver.press(.tab)
        _ = driver.takeEffects()
        driver.press(.enter)
        let current = try #require(driver.state.context)
        guard case .inside(current.id, .loadUsers(_, let query, _)) = driver.takeEffects().first else {
            Issue.record("no users were asked for")
            return
        }
        #expect(query.filter == "ada@awesome.example")
        #expect(current.tab == .users)
    }

    @Test func aUsersNameIsNotKeptForAnotherCompany() {
        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("user ada@")
        driver.press(.enter)
        driver.answerUsers([Fixture.users[0]])
        driver.press(.escape, .escape, .character(":"))
        #expect(!driver.frame.contains("ada@awesome"))
        #expect(!driver.state.ran.contains { if case .users = $0 { true } else { false } })
    }

    @Test func aFragmentListsAllThatFitAndNotAGuess() {
        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("user example")
        driver.press(.enter)
        #expect(driver.state.context?.users.filter.text == "example")
    }

    @Test func impersonatingTakesACompanyOrAUser() {
        let outside = Driver()
        outside.answerCompanies()
        outside.press(.character(":"))
        outside.type("impersonate bl")
        outside.press(.enter)
        guard case .impersonation(let form) = outside.state.overlays.last else {
            Issue.record("no form")
            return
        }
        #expect(form.urlID == "blau")

        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("impersonate grace")
        driver.press(.enter)
        #expect(driver.frame.contains("grace@awesome.example"))
        guard case .impersonation(let inside) = driver.state.overlays.last else {
            Issue.record("no form")
            return
        }
        #expect(inside.urlID == "awesome")

        let nested = Driver.impersonating()
        nested.press(.character(":"))
        nested.type("impersonate grace")
        nested.press(.enter)
        #expect(nested.frame.contains("do not nest"))
        #expect(nested.state.overlays.isEmpty)
    }

    @Test func aCommandThatWantsAnArgumentWaitsForIt() {
        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("company")
        guard let place = entries(driver).firstIndex(where: { $0.target == .complete("company ") }) else {
            Issue.record("the palette does not offer to ask for a company")
            return
        }
        for _ in 0..<place { driver.press(.down) }
        driver.press(.enter)
        guard case .palette(let palette) = driver.state.overlays.last else {
            Issue.record("the palette is closed")
            return
        }
        #expect(palette.field.text == "company ")
    }
}
