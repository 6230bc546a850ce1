import Tenancy
import Terminal
import Testing

@testable import Console

/// A value of a row is changed on a line, where the company lets agents change it, and after a question.
struct ValueFormTests {
    private static let people = TenantTable(
        "people",
        [
            TableColumn("id", "bigint", .number), TableColumn("status", "text", .text, mayUpdate: true),
            TableColumn("score", "integer", .number, isNullable: true, mayUpdate: true),
        ], key: ["id"])
    private static let row = TableRow(
        values: [TableValue("7"), TableValue("active"), TableValue("3")], key: ["7"], place: RowPlace(["7"]))

    /// Ada is impersonated, and one row of a table is on screen, the cursor on its second column.
    private func onRow(_ driver: Driver = .impersonating()) -> Driver {
        driver.press(.character("4"))
        driver.answerTables([Self.people])
        driver.press(.enter)
        driver.answerRows([Self.row])
        driver.press(.enter)
        driver.answerRow(Self.row)
        driver.press(.down)
        return driver
    }

    @Test("What is typed is asked about, and only y changes it")
    func changes() throws {
        let driver = onRow()
        driver.press(.character("e"))
        #expect(driver.frame.contains("Change a value") && driver.frame.contains("audit trail"))
        driver.press(.enter)
        #expect(driver.frame.contains("This is its value already"))
        for _ in 0..<6 { driver.press(.backspace) }
        driver.type("gone")
        driver.press(.enter)
        #expect(driver.frame.contains("Change status?") && driver.frame.contains("active → gone"))
        _ = driver.takeEffects()
        driver.press(.character("n"))
        #expect(driver.takeEffects().isEmpty)

        driver.press(.character("e"))
        for _ in 0..<6 { driver.press(.backspace) }
        driver.type("gone")
        driver.press(.enter, .character("y"))
        let asked = driver.takeEffects().compactMap { effect -> ValueChange? in
            if case .inside(_, .setValue(let change)) = effect { change } else { nil }
        }
        #expect(
            asked == [
                ValueChange(table: Self.people, key: ["7"], column: "status", value: "gone", was: "active")
            ])
    }

    @Test("An empty line is NULL where nothing else can be meant")
    func takesNull() throws {
        let score = try #require(ValueForm(Self.people, key: ["7"], Self.people.columns[2], TableValue("3")))
        var empty = score
        empty.value = TextField("")
        #expect(score.change == nil && empty.change?.value == nil && empty.change?.was == "3")
        var status = try #require(
            ValueForm(Self.people, key: ["7"], Self.people.columns[1], TableValue("active")))
        status.value = TextField("")
        #expect(status.change?.value == "")
        #expect(
            ValueForm(Self.people, key: ["7"], Self.people.columns[1], TableValue("two\nlines")) == nil)
    }

    @Test("Whoever only reads, and whoever stands on another column, is told why nothing opens")
    func refuses() {
        let reader = onRow(.inside())
        reader.press(.character("e"))
        #expect(
            !reader.frame.contains("Change a value") && reader.frame.contains("This context is read-only"))
        let agent = onRow()
        agent.press(.up, .character("e"))
        #expect(
            !agent.frame.contains("Change a value")
                && agent.frame.contains("only this is changed here: status, score"))
    }
}
