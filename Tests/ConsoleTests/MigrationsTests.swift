import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// The fleet on its way to the newest blueprint, on screen.
struct MigrationsTests {
    @Test func tabGoesThroughTheStatesThatThereAre() throws {
        let driver = Driver.migrations()
        var asked: [CompanyMigration.State?] = []
        for key in [Key.tab, .tab, .tab, .tab, .tab, .backTab] {
            driver.press(key)
            for case .control(.loadMigrations(_, let state, _, let page)) in driver.takeEffects() {
                asked.append(state)
                #expect(page.place == .start)
            }
            driver.answerMigrations(Fixture.migrations.filter { $0.state == driver.state.migrations?.shown })
        }
        #expect(asked == [.pending, .waiting, .done, .failed, nil, .failed])
        #expect(driver.frame.contains("[failed 1]"))
        #expect(driver.frame.contains("1 of 1"))
        #expect(driver.frame.contains("hostile"))
        #expect(!driver.frame.contains("awesome"))
    }

    @Test func aFilterIsTheServersAndGoesWithTheState() throws {
        let driver = Driver.migrations()
        driver.press(.tab)
        driver.answerMigrations([])
        _ = driver.takeEffects()
        driver.press(.character("/"))
        driver.type("s")
        var asked: [String] = []
        for case .control(.loadMigrations(_, let state, let filter, let page)) in driver.takeEffects() {
            #expect(state == .pending && page.place == .start)
            asked.append(filter)
        }
        #expect(asked == ["s"])
        driver.answerMigrations([])
        #expect(driver.frame.contains("Migrations /s"))
        #expect(driver.frame.contains("No company fits “s”."))
        driver.press(.escape)
        driver.answerMigrations()
        #expect(driver.state.migrations?.list.filter.isEmpty == true)
        #expect(driver.state.scope == .migrations)
    }

    @Test func isReadAgainWhileACompanyIsBeingMigrated() throws {
        let driver = Driver.migrations()
        #expect(driver.state.untilNextChange(at: driver.now) == nil, "nothing moves, nothing wakes")
        driver.press(.character("r"))
        let request = try #require(driver.state.migrations?.fleetPending)
        driver.send(
            .control(
                .fleetLoaded(
                    request, .success([FleetShare(version: 1, target: 2, state: .running, companies: 3)]))))
        driver.answerMigrations()
        _ = driver.takeEffects()
        #expect(driver.state.untilNextChange(at: driver.now) == MigrationsScreen.pace)
        driver.now += MigrationsScreen.pace
        driver.send(.clockTicked)
        let effects = driver.takeEffects()
        #expect(effects.contains { if case .control(.loadFleet) = $0 { true } else { false } })
        #expect(effects.contains { if case .control(.loadMigrations) = $0 { true } else { false } })
        driver.send(.clockTicked)
        #expect(driver.takeEffects().isEmpty, "one read at a time")
    }

    @Test func theErrorCanBeCopied() {
        let driver = Driver.migrations()
        driver.press(.end, .up, .character("y"), .character("e"))
        #expect(
            driver.takeEffects() == [
                .terminal(
                    .copy(
                        "23514 check constraint \"position\" is violated by some row \u{1B}[2J of journey_steps",
                        what: "the error"))
            ])
        driver.press(.character("y"), .character("u"))
        #expect(driver.takeEffects() == [.terminal(.copy("hostile", what: "the url id"))])
        driver.press(.home, .character("y"))
        #expect(!driver.frame.contains("error  "), "nothing went wrong there")
    }

    @Test func lateAnswersAndFailures() throws {
        let driver = Driver.admin()
        driver.press(.character("M"))
        let pending = try #require(driver.state.migrations?.list.pending)
        driver.now += 500
        driver.press(.escape)
        #expect(driver.takeEffects().contains(.control(.cancel)))
        driver.send(
            .control(
                .migrationsLoaded(
                    pending.request, pending.place, .failure(TenancyError(.cancelled, "Cancelled.")))))
        #expect(driver.frame.contains("r reads again."))
        driver.press(.escape)
        #expect(driver.state.scope == .companies)
        driver.send(
            .control(
                .migrationsLoaded(
                    pending.request, pending.place, .success(Page(rows: Fixture.migrations, hasMore: false))))
        )
        #expect(driver.state.migrations == nil)
    }

    @Test func isForAdminsOnly() {
        let driver = Driver(columns: 80, rows: 24)
        driver.answerCompanies()
        _ = driver.takeEffects()
        driver.press(.character("M"))
        #expect(driver.state.scope == .companies)
        #expect(driver.frame.contains("This is for admins."))
        #expect(driver.takeEffects().isEmpty)
        driver.press(.character(":"))
        driver.type("migrations")
        #expect(!driver.frame.contains("blueprint"))
    }

    @Test func thePaletteLeadsThere() {
        let driver = Driver.admin()
        driver.press(.character(":"))
        driver.type("migrations")
        driver.press(.enter)
        #expect(driver.state.scope == .migrations)
    }

    @Test func durations() {
        #expect(MigrationsView.duration(0) == "0 ms")
        #expect(MigrationsView.duration(999) == "999 ms")
        #expect(MigrationsView.duration(12_340) == "12.3 s")
        #expect(MigrationsView.duration(240_000) == "4 min")
    }
}

/// What an admin finds at 80 columns.
struct AdminMenuTests {
    @Test func theBottomLineLeadsToEverythingAnAdminCanDo() throws {
        let driver = Driver.admin()
        #expect(driver.frame.contains("m admin"))
        driver.press(.character("m"))
        driver.press(.character("O"))
        #expect(driver.state.scope == .operators)
        driver.answerOperators()
        driver.press(.character("m"), .character("L"))
        #expect(driver.state.scope == .controlTrail)
        driver.answerControlTrail(Fixture.controlTrail(1...3, hasMore: false))
        driver.press(.escape, .character("m"), .character("p"))
        #expect(driver.state.scope == .proof)
    }

    @Test func everyKeyOfTheMenuDoesTheSameWithoutIt() {
        let driver = Driver.admin()
        driver.press(.character("m"))
        guard case .menu(let menu) = driver.state.overlays.last else {
            Issue.record("no menu")
            return
        }
        #expect(menu.items.map { String($0.key) }.joined() == "nepCPOML")
        for item in menu.items {
            #expect(
                item.choice
                    == .command(
                        Keymap.standard.command(for: .character(item.key), in: .companies) ?? .suspend))
        }
    }

    @Test func insideACompanyItOffersWhatWorksThere() {
        let driver = Driver.inside(level: .admin)
        driver.press(.character("m"))
        guard case .menu(let menu) = driver.state.overlays.last else {
            Issue.record("no menu")
            return
        }
        #expect(menu.items.map { String($0.key) }.joined() == "pCPOML")
    }

    @Test func othersAreNotOfferedIt() {
        let driver = Driver(columns: 200, rows: 24)
        driver.answerCompanies()
        #expect(!driver.frame.contains("m admin"))
        driver.press(.character("m"))
        #expect(driver.state.overlays.isEmpty)
    }
}
