import Tenancy
import Terminal
import Testing

@testable import Console

/// `x`: where an export goes, how far it is, and how it is stopped.
struct ExportFormTests {
    /// Starts an export from the users on screen and gives what was asked of the runner.
    private func begin(_ driver: Driver) throws -> (ContextID?, RequestID, Export) {
        _ = driver.takeEffects()
        driver.press(.enter)
        switch driver.takeEffects().last {
        case .inside(let id, .export(let request, let export)): return (id, request, export)
        case .control(.export(let request, let export)): return (nil, request, export)
        default: throw Failure()
        }
    }

    private struct Failure: Error {}

    @Test func theWholeListAsFilteredGoesIntoTheSuggestedFile() throws {
        let driver = Driver.inside()
        driver.press(.character("/"))
        driver.type("a")
        driver.answerUsers()
        driver.press(.tab, .character("x"))
        #expect(driver.frame.contains("All users that fit “a”."))
        let (id, request, export) = try begin(driver)
        #expect(export.source == .users(UsersQuery(filter: "a", sort: .name, ascending: true)))
        #expect(export.file == "awesome-users-2026-11-18.csv")
        #expect(export.format == .csv)
        driver.now += 300
        driver.send(.inside(try #require(id), .exportProgressed(request, rows: 12_000)))
        #expect(driver.frame.contains("12,000 rows into awesome-users-2026-11-18.csv · esc cancels"))
        #expect(driver.state.untilNextChange(at: driver.now).map { $0 <= 200 } == true)
        driver.send(
            .inside(try #require(id), .exportEnded(request, .written(rows: 12_345, file: export.file))))
        #expect(driver.frame.contains("Wrote 12,345 rows into awesome-users-2026-11-18.csv"))
        #expect(driver.state.context?.export == nil)
    }

    @Test func markedRowsGoAsJSONWhereTheNameSaysSo() throws {
        let driver = Driver.inside()
        driver.press(.character(" "), .character(" "), .character("x"))
        #expect(driver.frame.contains("The 2 marked users."))
        driver.press(.tab)
        let (_, _, export) = try begin(driver)
        #expect(export.source == .markedUsers([1, 2]))
        #expect(export.file.hasSuffix(".json"))
        #expect(export.format == .json)
    }

    @Test func escCancelsAndASecondExportWaits() throws {
        let driver = Driver.inside()
        driver.press(.character("x"))
        let (id, request, export) = try begin(driver)
        driver.press(.character("x"))
        #expect(driver.frame.contains("An export is running"))
        driver.press(.escape)
        let context = try #require(id)
        #expect(driver.takeEffects() == [.inside(context, .cancelExport(request))])
        #expect(driver.state.context != nil)
        driver.send(.inside(try #require(id), .exportEnded(request, .cancelled(file: export.file))))
        #expect(driver.frame.contains("no file awesome-users-2026-11-18.csv was left"))
    }

    @Test func theKeyWorksWhileColumnsAreChosenAndOthersSayWhatIsOpen() {
        let driver = Driver.inside()
        driver.press(.character("c"), .character("u"))
        #expect(driver.frame.contains("u is no key of the columns; esc closes them."))
        #expect(driver.frame.contains("Columns"))
        driver.press(.character("x"))
        #expect(driver.frame.contains("All users of the list."))
        #expect(driver.state.overlays.count == 1)
    }

    @Test func aNameIsNeeded() {
        let driver = Driver.inside()
        driver.press(.character("x"), .control("u"), .enter)
        #expect(driver.frame.contains("A file needs a name."))
        driver.press(.escape)
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.state.context?.export == nil)
    }

    @Test func theFormAndTheExportEndWithTheContext() throws {
        let driver = Driver.inside()
        driver.press(.character("x"))
        let (id, request, _) = try begin(driver)
        driver.send(.inside(try #require(id), .ended(TenancyError(.contextEnded, "ended"))))
        #expect(driver.state.context?.export == nil)
        driver.send(.inside(try #require(id), .exportProgressed(request, rows: 10)))
        #expect(driver.state.context?.export == nil)
        let other = Driver.inside()
        other.press(.character("x"))
        let open = try #require(other.state.context?.id)
        other.send(.inside(open, .ended(TenancyError(.contextEnded, "ended"))))
        #expect(other.state.overlays.isEmpty)
    }

    @Test func companiesGoIntoAFileToo() throws {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("s"))
        driver.answerCompanies()
        driver.press(.character("x"))
        #expect(driver.frame.contains("All companies of the list."))
        #expect(driver.frame.contains("The export is recorded in the control trail first."))
        let (id, request, export) = try begin(driver)
        #expect(id == nil)
        #expect(export.source == .companies(CompaniesQuery(filter: "", sort: .urlID, ascending: true)))
        #expect(export.file == "companies-2026-11-18.csv")
        driver.now += 300
        driver.send(.control(.exportProgressed(request, rows: 2000)))
        #expect(driver.frame.contains("2,000 rows into companies-2026-11-18.csv · esc cancels"))
        driver.press(.character("x"))
        #expect(driver.frame.contains("An export is running"))
        _ = driver.takeEffects()
        driver.press(.escape)
        #expect(driver.takeEffects() == [.control(.cancelExport(request))])
        driver.send(.control(.exportEnded(request, .cancelled(file: export.file))))
        #expect(driver.state.companies.export == nil)
        #expect(driver.frame.contains("no file companies-2026-11-18.csv was left"))
    }

    @Test func markedCompaniesGoByTheirUrlIDs() throws {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character(" "), .character(" "), .character("x"))
        #expect(driver.frame.contains("The 2 marked companies."))
        let (_, _, export) = try begin(driver)
        #expect(export.source == .markedCompanies(["awesome", "blau"]))
    }
}
