import Tenancy
import Terminal
import Testing

@testable import Console

/// Every table of a company: listed, paged, opened, followed, counted.
struct TablesTests {
    @Test func theTabListsEveryTableAndWhatItBelongsTo() {
        let driver = Driver.onTables()
        for words in ["customers", "orders", "parcels", "≈48k"] {
            #expect(driver.frame.contains(words), "\(words)")
        }
        driver.press(.down)
        #expect(driver.frame.contains("redacted here"))
        driver.press(.down)
        #expect(driver.frame.contains("its rows are told apart"))
    }

    @Test func rowsShowTheirKeyFirstAndWhatIsRedactedAsSuch() {
        let driver = Driver.onRows(Size(columns: 200, rows: 60))
        let frame = driver.frame
        for words in ["redacted", "NULL", "infinity", "ref-7", "Tables ▸ orders"] {
            #expect(frame.contains(words), "\(words)")
        }
        #expect(!driver.canvas.text(row: 3).contains("card id"))
    }

    @Test func eachLookIsOneQuestionToItsOwnContext() throws {
        let driver = Driver.onTables()
        let id = try #require(driver.state.context?.id)
        driver.press(.down, .enter)
        let asked = driver.takeEffects()
        #expect(asked.count == 1)
        guard case .inside(id, .loadRows(_, let query, let page)) = asked.first else {
            Issue.record("\(asked)")
            return
        }
        #expect(query == RowsQuery(table: Fixture.orders))
        #expect(page.place == .start)
    }

    @Test func aFilterIsReadForTheTable() throws {
        let driver = Driver.onRows()
        driver.press(.character("/"))
        driver.type("status=late")
        driver.answerRows()
        let asked = driver.takeEffects()
        guard case .inside(_, .loadRows(_, let query, _)) = asked.last else {
            Issue.record("\(asked)")
            return
        }
        #expect(try query.filter == RowFilter("status=late", for: Fixture.orders))
    }

    @Test func theNextOrderIsOneThatAnIndexGives() {
        let driver = Driver.onRows()
        driver.press(.character("s"))
        driver.answerRows()
        #expect(driver.screen(RowsScreen.self)?.sort == "id")
        driver.press(.character("s"))
        driver.answerRows()
        #expect(driver.screen(RowsScreen.self)?.sort == "placed_at")
        #expect(driver.frame.contains("by placed_at"))
        #expect(!driver.frame.contains("no index"))
    }

    @Test func aTableWithoutAKeySaysThatNoIndexPagesItAndIsUsable() {
        let driver = Driver.onTables()
        driver.press(.end, .enter)
        driver.answerRows([
            TableRow(values: [TableValue("7"), TableValue("NaN")], key: nil, place: RowPlace(["0"])),
            TableRow(values: [TableValue("7"), TableValue("NaN")], key: nil, place: RowPlace(["1"])),
        ])
        #expect(driver.frame.contains("no index pages it so"))
        #expect(driver.frame.contains("NaN"))
        driver.press(.down, .enter)
        let asked = driver.takeEffects()
        guard case .inside(_, .loadRow(_, _, .place(let place, _))) = asked.last else {
            Issue.record("\(asked)")
            return
        }
        #expect(place == RowPlace(["1"]))
    }

    @Test func aRowIsWholeAndItsKeysLeadOn() throws {
        let driver = Driver.onRow()
        for words in [
            "\"sku\": \"a, b\"", "0044-03-15 12:00:00+00 BC", "and its second line", "redacted here",
            "→ customers",
        ] {
            #expect(driver.frame.contains(words), "\(words)")
        }
        driver.press(.down, .enter)
        let asked = driver.takeEffects()
        guard case .inside(_, .loadRow(_, let table, .named(let filter))) = asked.last else {
            Issue.record("\(asked)")
            return
        }
        #expect(table == Fixture.customers)
        #expect(try filter == RowFilter("id=3", for: Fixture.customers))
        driver.press(.escape)
        #expect(driver.state.scope == .row)
    }

    @Test func whoPointsHereIsListed() throws {
        let driver = Driver.onRow()
        driver.press(.character("b"))
        #expect(driver.frame.contains("Who points here"))
        driver.press(.enter)
        let asked = driver.takeEffects()
        guard case .inside(_, .loadRows(_, let query, _)) = asked.last else {
            Issue.record("\(asked)")
            return
        }
        #expect(query.table == Fixture.parcels)
        #expect(driver.frame.contains("order_id = 7"))
    }

    @Test func theValuesOfAColumnAreCounted() throws {
        let driver = Driver.onRows()
        driver.press(.character("F"), .down, .down, .down, .enter)
        guard case .inside(let id, .loadFrequency(let request, _, "status", _)) = driver.takeEffects().last
        else {
            Issue.record("nothing is counted")
            return
        }
        let shares = [("paid", 67), ("late", 33)].map {
            ColumnFrequency.Share(value: TableValue($0.0), rows: Int64($0.1))
        }
        driver.send(
            .inside(
                id,
                .frequencyLoaded(
                    request,
                    .success(ColumnFrequency(shares: shares, rows: 100, different: 2, isSample: false)))))
        #expect(driver.frame.contains("2 different values in 100 rows"))
        #expect(driver.frame.contains("late"))
    }

    @Test func copyingAndExportingSayWhatTheyTake() {
        let driver = Driver.onRows()
        driver.press(.character(" "), .character(" "), .character("x"))
        #expect(driver.frame.contains("The 2 marked rows, whole."))
        driver.press(.escape, .character("y"))
        #expect(driver.frame.contains("2 marked rows"))
        let row = Driver.onRow()
        row.press(.character("y"))
        #expect(row.takeEffects() == [.terminal(.copy("7", what: "id"))])
    }

    /// Nothing of a table outlives its context, and a late answer finds nothing.
    @Test func theRowsGoWithTheContext() throws {
        let driver = Driver.onTables()
        let id = try #require(driver.state.context?.id)
        driver.press(.down, .enter)
        guard case .inside(_, .loadRows(let request, _, let page)) = driver.takeEffects().last else {
            Issue.record("no rows were asked for")
            return
        }
        driver.send(.inside(id, .ended(TenancyError(.contextEnded, "ended"))))
        driver.send(
            .inside(
                id,
                .rowsLoaded(request, page.place, .success(Page(rows: [Fixture.order(4711)], hasMore: false))))
        )
        #expect(!driver.frame.contains("4711"))
        #expect(driver.state.context?.path.isEmpty == true)
    }

    /// What is pressed before the rows are in is done once they are, the last of it and on this screen only.
    @Test func whatIsPressedBeforeTheRowsAreInIsDoneThen() {
        let driver = Driver.onTables()
        driver.press(.down, .enter)
        driver.press(.character("y"), .character("b"), .enter)
        #expect(driver.state.scope == .rows)
        driver.answerRows()
        #expect(driver.state.scope == .row)
        let other = Driver.onTables()
        other.press(.down, .enter)
        other.press(.enter, .down)
        other.answerRows()
        #expect(other.state.scope == .rows, "another key takes the wish back")
        let tables = Driver.inside(level: .admin)
        tables.press(.character("4"), .enter)
        tables.answerTables()
        #expect(tables.state.scope == .rows)
    }

    @Test func aCountIsSeenToRunAndStopsByEitherKey() throws {
        for key: Key in [.control("c"), .escape] {
            let driver = Driver.onRows()
            driver.press(.character("F"), .enter)
            let id = try #require(driver.state.context?.id)
            _ = driver.takeEffects()
            driver.now += 500
            driver.send(.clockTicked)
            #expect(driver.frame.contains("counting"))
            #expect(driver.state.untilNextChange(at: driver.now).map { $0 <= Spinner.pace } == true)
            driver.press(key)
            #expect(driver.takeEffects() == [.inside(id, .cancel)], "\(key.label)")
            #expect(driver.state.scope == .rows)
        }
        let lost = Driver.onRows()
        lost.press(.character("F"), .enter)
        lost.send(.inside(try #require(lost.state.context?.id), .interrupted))
        #expect(lost.frame.contains("count again"))
        let counted = try #require(lost.state.frequency)
        #expect(counted.waitingSince == nil)
    }

    /// In a table without a key a row is told by its place among the rows that were asked for with it.
    @Test func aRowIsAddressedByTheQuestionThatItAnswers() {
        let driver = Driver.onTables()
        driver.press(.end, .enter)
        driver.answerRows([
            TableRow(values: [TableValue("7"), TableValue("1")], key: nil, place: RowPlace(["0"]))
        ])
        driver.press(.character("/"))
        driver.type("weight=2")
        driver.press(.tab)
        _ = driver.takeEffects()
        // The answer to what is typed is not in: the rows on screen are still those of no filter.
        driver.press(.down, .enter)
        guard case .inside(_, .loadRow(_, _, .place(_, let query))) = driver.takeEffects().last else {
            Issue.record("no row was asked for")
            return
        }
        #expect(query.filter == .all)
    }

    @Test(arguments: [Key.character("F"), .character("x")])
    func whatIsWrongWithTheFilterIsSaid(key: Key) {
        let driver = Driver.onRows()
        driver.press(.character("/"))
        driver.type("card=2")
        driver.press(.tab)
        driver.press(key)
        #expect(driver.state.overlays.isEmpty)
        #expect(driver.state.notice?.kind == .warning)
        #expect(driver.frame.contains("is redacted"))
    }

    @Test func aRowIsWrappedAnewWhenTheTerminalGetsAnotherWidth() throws {
        let driver = Driver.onRow(Size(columns: 200, rows: 60))
        let long = TableRow(
            values: [
                TableValue("7"), TableValue("3"),
                TableValue(String(repeating: "abcdefghi ", count: 40) + "END"),
                TableValue("paid"), .null, TableValue("{}"), TableValue("infinity"),
            ], key: ["7"], place: RowPlace(["7"]))
        driver.press(.character("r"))
        driver.answerRow(long)
        driver.press(.down, .down, .down)
        let field = driver.screen(RowScreen.self)?.list.selectedField
        for columns in [80, 61, 200, 100] {
            driver.send(.input(.resize(Size(columns: columns, rows: 60))))
            #expect(driver.frame.contains("END"), "\(columns)")
            #expect(driver.screen(RowScreen.self)?.list.selectedField == field, "\(columns)")
        }
    }

    @Test func aPageOfARowIsAsManyLinesAsAreOnScreen() throws {
        let driver = Driver.onRow(Size(columns: 100, rows: 30))
        let text = (1...200).map { "line-\($0)-" }.joined(separator: "\n")
        driver.press(.character("r"))
        driver.answerRow(
            TableRow(
                values: [
                    TableValue(text), TableValue("3"), TableValue(""), TableValue("paid"), .null,
                    TableValue("{}"),
                    TableValue("infinity"),
                ], key: ["7"], place: RowPlace(["7"])))
        driver.press(.home)
        let rows = try #require(driver.state.rowsOnScreen).area.rows
        driver.press(.pageDown)
        #expect(driver.screen(RowScreen.self)?.list.selectedIndex == rows)
    }

    @Test func theColumnsOfATableStayAsTheyWereChosen() throws {
        let driver = Driver.onRows(Size(columns: 200, rows: 60))
        driver.press(.character("c"), .down, .down, .enter, .escape)
        let kept = driver.takeEffects().compactMap { effect -> TablesKept? in
            if case .terminal(.keepTables(let kept)) = effect { kept } else { nil }
        }
        #expect(kept.last?.rows == ["orders": ["reference"]])
        #expect(!driver.frame.contains("reference"))
        driver.press(.escape, .enter)
        driver.answerRows()
        #expect(!driver.frame.contains("reference"), "also in the next list of the same table")
        let other = Driver.onTables(Size(columns: 200, rows: 60))
        other.state.take(try #require(kept.last))
        other.press(.down, .enter)
        other.answerRows()
        #expect(!other.frame.contains("reference"), "and in the next run")
    }

    @Test func escapeTakesMarksAwayBeforeItLeaves() {
        let driver = Driver.onRows()
        driver.press(.character(" "), .character(" "), .escape)
        #expect(driver.state.scope == .rows)
        #expect(driver.screen(RowsScreen.self)?.list.marked.isEmpty == true)
        driver.press(.escape)
        #expect(driver.state.scope == .tables)
    }
}
