import Tenancy
import Terminal
import Testing

@testable import Console

/// The key table, the palette and the stories that are counted in keys.
struct KeyTests {
    @Test func noKeyMeansTwoThingsOnOneScreen() {
        #expect(Keymap.standard.conflicts == [])
        #expect(Keymap.emacs.conflicts == [])
    }

    @Test func dIsNeverDangerous() {
        for scope in Scope.allCases {
            #expect(Keymap.standard.command(for: .character("d"), in: scope) == nil)
        }
    }

    /// The second ticket finds the first one's filters gone.
    @Test func findingTheStalledStepTakesSixKeysEachTimeInOneSession() {
        let driver = Driver()
        driver.answerCompanies()
        for round in 1...2 {
            let before = driver.keys
            driver.press(.character("/"))
            driver.type("awes")
            while driver.state.companies.list.pending != nil {
                driver.answerCompanies([Fixture.companies[0]])
            }
            #expect(driver.state.companies.query.filter == "awes", "round \(round)")
            driver.press(.enter)
            driver.answerOpening()
            driver.answerUsers()
            driver.answerAudit()
            driver.press(.character("/"))
            driver.type("ada")
            while driver.state.context?.users.pending != nil { driver.answerUsers([Fixture.users[0]]) }
            #expect(driver.state.context?.usersQuery.filter == "ada", "round \(round)")
            driver.press(.enter)
            driver.answerUser()
            #expect(driver.frame.contains("! 3 invite team"), "round \(round)")
            #expect(driver.frame.contains("since 2026-11-"), "round \(round)")
            #expect(driver.keys - before <= 6, "round \(round)")
            driver.press(.character("Q"))
        }
    }

    @Test func copyingThreeIdsTakesSixKeys() {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        _ = driver.takeEffects()
        for key: Key in ["u", "j", "a"].map({ .character($0) }) { driver.press(.character("y"), key) }
        #expect(
            driver.takeEffects() == [
                .terminal(.copy("1", what: "the user's id")),
                .terminal(.copy("11", what: "the journey's id")),
                .terminal(.copy("6", what: "the audit record's number")),
            ])
    }

    @Test func theBottomLineOffersOnlyWhatWorksHere() {
        let plain = Driver.inside(columns: 200)
        #expect(!plain.frame.contains("end impersonation"))
        let mode = Driver.impersonating(columns: 200)
        #expect(mode.frame.contains("E end impersonation"))
        #expect(!mode.frame.contains("i impersonate"))
    }

    @Test func helpListsEveryKeyOfTheScreen() {
        let driver = Driver.inside()
        let lines = HelpView.lines(for: driver.state)
        for binding in Keymap.standard.bindings(in: driver.state.scope)
        where driver.state.permits(binding.command) {
            #expect(lines.contains { if case .binding(_, binding.meaning) = $0 { true } else { false } })
        }
    }

    @Test func helpNamesAKeyOnceOnAScreen() {
        for driver in [Driver(), Driver.inside()] {
            var seen: [String] = []
            for case .binding(let keys, _) in HelpView.lines(for: driver.state) {
                seen += keys.string.split(separator: " ").map(String.init)
            }
            #expect(Set(seen).count == seen.count, "\(seen.sorted())")
            #expect(seen.contains("h"))
        }
    }

    @Test func thePaletteFindsCommandsCompaniesAndThemes() {
        let driver = Driver.inside()
        driver.press(.character(":"))
        driver.type("company bl")
        driver.press(.enter)
        #expect(driver.state.opening?.intent == .access(urlID: "blau"))
        driver.answerOpening()
        driver.press(.character(":"))
        driver.type("theme high")
        _ = driver.takeEffects()
        driver.press(.enter)
        #expect(driver.takeEffects() == [.terminal(.useTheme("high-contrast", keep: true))])
        driver.press(.character(":"))
        driver.type("zzzz")
        driver.press(.enter)
        #expect(driver.frame.contains("There is no command “zzzz”"))
    }

    @Test func theThemePickerPreviewsAndGoesBack() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("T"), .down)
        #expect(driver.state.theme == "piste-light")
        driver.press(.escape)
        #expect(driver.state.theme == "piste")
    }

    @Test func aThemeThatAppearsMovesThePickerNowhere() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("T"), .down)
        driver.state.take(themes: ["dusk"] + Fixture.themes)
        #expect(driver.state.overlays == [.themes(ThemePickerState(selected: 3, before: "piste"))])
        driver.press(.up)
        #expect(driver.state.theme == "piste")
    }

    @Test func escCancelsAReadThatRuns() throws {
        let driver = Driver.inside()
        let id = try #require(driver.state.context?.id)
        driver.press(.character("r"))
        _ = driver.takeEffects()
        driver.now += 500
        driver.send(.clockTicked)
        #expect(driver.frame.contains("esc cancels"))
        driver.press(.escape)
        #expect(driver.takeEffects() == [.inside(id, .cancel)])
        let pending = try #require(driver.state.context?.users.pending)
        driver.send(
            .inside(
                id,
                .usersLoaded(pending.request, pending.place, .failure(TenancyError(.cancelled, "cancelled"))))
        )
        #expect(driver.frame.contains("Cancelled, in PostgreSQL too."))
        #expect(driver.frame.contains("Ada Lovelace"))
    }

    @Test func nothingWakesAConsoleThatShowsNoTimer() {
        let driver = Driver()
        driver.answerCompanies()
        #expect(driver.state.untilNextChange(at: driver.now) == CompanyActivity.rest)
        driver.now += CompanyActivity.rest
        driver.send(.clockTicked)
        #expect(driver.state.untilNextChange(at: driver.now) == nil)
        let inside = Driver.inside()
        #expect(inside.state.untilNextChange(at: inside.now + 300) == 700)
    }

    @Test func aTickChangesNothingButTheCountdown() {
        let driver = Driver.inside()
        let before = FrameView(driver.state).draw().canvas
        driver.now += 1000
        driver.send(.clockTicked)
        let after = FrameView(driver.state).draw().canvas
        let changed = before.cells.indices.filter { before.cells[$0] != after.cells[$0] }
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { $0 >= 94 && $0 < 99 })
    }

    @Test func theCompanyBeforeIsOneKeyAway() {
        let driver = Driver.inside()
        driver.press(.escape, .down, .enter)
        driver.answerOpening()
        driver.press(.character("-"))
        #expect(driver.state.opening?.intent == .access(urlID: "awesome"))
    }
}
