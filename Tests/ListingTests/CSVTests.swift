import FoundationEssentials
import Listing
import Testing

/// Comma-separated values, exact ones and those for a spreadsheet.
struct CSVTests {
    /// Numbers stay numbers, negative ones too, as long as a spreadsheet keeps their digits; texts that look like one are texts.
    @Test func numbersStayNumbers() {
        let values: [Value] = [
            .number(-5), .number(9_007_199_254_740_993), .json("-12.50"), .json("12345678901234567890"),
            .json("{\"a\": 1}"),
            .text("-5"), .moment(Date(timeIntervalSince1970: -.infinity)), .none, .text(""),
        ]
        #expect(
            CSV.line(values, for: .spreadsheet, gated: false)
                == "-5,'9007199254740993,-12.50,'12345678901234567890,\"{\"\"a\"\": 1}\",'-5,'-infinity,,\"\"\r"
        )
        #expect(
            CSV.line(values, for: .program, gated: false)
                == "-5,9007199254740993,-12.50,12345678901234567890,\"{\"\"a\"\": 1}\",-5,-infinity,,\"\"")
    }
}
