import Tenancy
import Terminal
import Testing

@testable import Console

/// A screen that the console has never heard of: all that it costs is itself.
private struct TallyScreen: TenantScreen {
    enum Own: String, OwnCommand { case sort, reverseSort }

    enum Answer: TenantScreenAnswer {
        typealias Taker = TallyScreen
        case counted(RequestID, Result<[TenantTable], TenancyError>)
    }

    static let scope = Scope.tables
    static let bindings: [KeyBinding] = .of([.filter], .ordering, .inside, .reading())

    var list = ShortList<TenantTable>()

    var title: DisplayText { "Tally" }
    var waitingSince: Milliseconds? { list.reading.waitingSince }
    var isLoaded: Bool { list.reading.isLoaded }
    var unread: TallyScreen { TallyScreen() }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] { [.loadTables(list.reading.begin(&shell))] }
    mutating func forgetReads() { list.reading.forget() }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        shell.order(&list, reversed: own == .reverseSort)
        return []
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(movement, height: height(shell))
        return []
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .counted(let request, let result):
            if let tables = list.reading.take(request, result, &shell) { list.rows = tables }
            return []
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        ShortListBox(list: list, area: layout.list, state: console, title: "Tally", empty: ["Nothing."])
            .draw(
                Table(columns: [Column(title: "NAME", width: .share(1, least: 10))], rows: []), into: &canvas
            ) {
                [Table.Cell(DisplayText($0.name))]
            }
    }
}

/// What every screen gets from the console without a line of its own.
struct NewScreenTests {
    private func driver() throws -> (Driver, ContextID) {
        let driver = Driver.inside(columns: 100, rows: 30, level: .admin)
        driver.state.shell.passage = .enter(AnyTenantScreen(TallyScreen()))
        let id = try #require(driver.state.context?.id)
        guard case .inside(id, .loadTables(let request)) = driver.state.goOn().first else {
            throw TenancyError(.failed, "nothing was asked for")
        }
        driver.now += 500
        driver.send(.clockTicked)
        #expect(driver.frame.contains("esc cancels") && driver.frame.contains("Users ▸ Tally"))
        #expect(driver.state.untilNextChange(at: driver.now).map { $0 <= Spinner.pace } == true)
        // An answer of the same number that is another screen's.
        driver.send(.inside(id, .rowLoaded(request, .success(nil))))
        #expect(driver.frame.contains("Nothing.") == false)
        driver.send(.inside(id, .screen(TallyScreen.Answer.counted(request, .success(HundredRows.tables)))))
        return (driver, id)
    }

    @Test func itFitsFiltersAndTakesTheMouse() throws {
        let (driver, _) = try driver()
        driver.press(.end)
        for size in [Size(columns: 60, rows: 16), Size(columns: 200, rows: 60)] {
            driver.send(.input(.resize(size)))
            let rows = try #require(driver.state.rowsOnScreen)
            #expect(rows.places.contains(rows.selected) && rows.selected == 99)
            #expect(driver.frame.contains("table_100"))
        }
        driver.press(.character("/"))
        driver.type("table_7")
        #expect(driver.frame.contains("11 of 100"))
        driver.press(.tab, .escape)
        #expect(!driver.frame.contains("11 of 100"), "esc takes the filter away before it leaves")
        driver.press(.home)
        let area = try #require(driver.state.rowsOnScreen).area
        driver.send(.input(.mouse(MouseEvent(.press, at: Position(row: area.row + 3, column: 5)))))
        #expect(driver.state.rowsOnScreen?.selected == 3)
    }

    /// A command that is neither its own nor the console's is not swallowed.
    @Test func itSaysWhatItDoesNotDo() throws {
        let (driver, _) = try driver()
        #expect(driver.state.perform(.frequency) == [])
        #expect(driver.frame.contains("F does nothing here."))
        driver.press(.character("C"))
        driver.answerContexts()
        #expect(driver.state.perform(.pointers) == [])
        #expect(driver.frame.contains("b does nothing here."))
    }

    @Test func itIsReadAgainGoneBackToAndWipedWithItsContext() throws {
        let (driver, id) = try driver()
        _ = driver.takeEffects()
        driver.press(.character("r"))
        #expect(
            driver.takeEffects().contains { if case .inside(id, .loadTables) = $0 { true } else { false } })
        driver.press(.character("["))
        #expect(driver.state.context?.path.isEmpty == true)
        driver.press(.character("]"))
        #expect(driver.state.context?.path.last?.screen is TallyScreen)
        driver.send(.inside(id, .ended(TenancyError(.contextEnded, "ended"))))
        #expect(!driver.frame.contains("table_"))
        #expect(driver.state.context?.path.isEmpty == true)
    }
}
