import FoundationEssentials
import Listing
import Testing

/// What is copied goes into a spreadsheet without being run, and says what was there.
struct TabSeparatedTests {
    private func copied(_ values: [Value]) -> String {
        TabSeparated.text([values], values.indices.map { place in Column("\(place)") { $0[place] } })
    }

    @Test(arguments: [
        "=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1+2", "@SUM(A1)", "\u{FF1D}1", "  =1", "00123",
    ])
    func nothingOfARowIsRun(name: String) {
        let line = copied([.number(7), .text(name), .none, .text(""), .text("ada")])
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
        ] { #expect(copied([.text(text), .text("b")]) == cell + "\tb", "\(cell)") }
        #expect(TabSeparated.text(["a", "b"], [Column("text") { .text($0) }]) == "a\nb")
        for (number, cell) in [
            ("-5", "-5"), ("12.50", "12.50"), ("9007199254740993", "'9007199254740993"), ("NaN", "NaN"),
        ] {
            #expect(copied([.json(number)]) == cell)
        }
    }

    /// The same moments as in every exported file, so that they sort; those that no clock shows as well.
    @Test func timesHaveOneForm() {
        for (seconds, cell) in [
            (1_796_021_172.5, "2026-11-30T06:46:12.500000Z"), (0, "1970-01-01T00:00:00.000000Z"),
            (Double.infinity, "infinity"), (-Double.infinity, "'-infinity"), (1e300, "infinity"),
        ] as [(Double, String)] {
            #expect(copied([.moment(Date(timeIntervalSince1970: seconds))]) == cell)
        }
    }
}
