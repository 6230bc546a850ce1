import Tenancy
import Terminal
import Testing

@testable import Console

/// What `y` copies goes into a spreadsheet without being run, and says what was there.
struct RowCopyTests {
    @Test func aRowOfATableIsCopiedAsItsColumnsAre() {
        let driver = Driver.onRows()
        func copied(_ rows: [TableRow]) -> String? {
            driver.press(.character("r"))
            driver.answerRows(rows)
            driver.press(.character("y"), .character("r"))
            guard case .terminal(.copy(let text, _)) = driver.takeEffects().last else { return nil }
            return text
        }
        var values = Fixture.order(5).values
        values[2] = TableValue("=1+1")
        values[6] = TableValue("0044-03-15 12:00:00+00 BC")
        let row = TableRow(values: values, key: ["5"], place: RowPlace(["5"]))
        let fields = copied([row])?.split(separator: "\t", omittingEmptySubsequences: false) ?? []
        #expect(fields.count == 7, "\(fields)")
        #expect(fields.prefix(5).elementsEqual(["5", "5", "'=1+1", "paid", ""]), "\(fields)")
        #expect(fields.dropFirst(5).first?.hasSuffix("…") == true, "what is cut says so")
        #expect(fields.last == "'-000043-03-15T12:00:00.000000Z")
    }
}
