import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// What `y` copies goes into a spreadsheet without being run, and says what was there.
struct SpreadsheetCopyTests {
    @Test(arguments: [
        "=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1+2", "@SUM(A1)", "\u{FF1D}1", "  =1", "00123",
    ])
    func nothingOfARowIsRun(name: String) {
        let line = TabSeparated.text([[.number("7"), .text(name), .none, .text(""), .text("ada")]])
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        #expect(fields.count == 5 && fields[0] == "7" && fields[1] == "'" + name)
        #expect(
            fields[2] == "" && fields[3] == "\"\"" && fields[4] == "ada",
            "NULL is nothing, an empty text two marks")
    }

    @Test func aCellIsOneCell() {
        for (text, cell) in [
            ("a\tb\nc", "a␉b⏎c"), ("\"quoted\" name", "\"\"\"quoted\"\" name\""),
            ("say \"hi\"", "say \"hi\""),
            ("Élodie Ünïcode 日本", "Élodie Ünïcode 日本"), ("\u{1B}]0;x\u{7}", "␛]0;x␇"),
        ] { #expect(TabSeparated.text([[.text(text), .text("b")]]) == cell + "\tb", "\(cell)") }
        #expect(TabSeparated.text([[.text("a")], [.text("b")]]) == "a\nb")
        for (number, cell) in [
            ("-5", "-5"), ("12.50", "12.50"), ("9007199254740993", "'9007199254740993"), ("NaN", "NaN"),
        ] {
            #expect(TabSeparated.text([[.number(number)]]) == cell)
        }
    }

    /// The same moments as in every exported file, so that they sort; those that no clock shows as well.
    @Test func timesHaveOneForm() {
        for (seconds, cell) in [
            (1_796_021_172.5, "2026-11-30T06:46:12.500000Z"), (0, "1970-01-01T00:00:00.000000Z"),
            (Double.infinity, "infinity"), (-Double.infinity, "'-infinity"), (1e300, "infinity"),
        ] as [(Double, String)] {
            #expect(TabSeparated.text([[.moment(Date(timeIntervalSince1970: seconds))]]) == cell)
        }
    }

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
