import Listing
import Testing

/// What a spreadsheet is given: nothing that it runs, and no number that it changes.
struct SpreadsheetTextTests {
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1+2", "'-1+2"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\u{FF1D}1", "'\u{FF1D}1"),
        ("  =1", "'  =1"), ("\u{2212}1", "'\u{2212}1"), ("|x", "'|x"), ("00123", "'00123"),
        ("1234567890123456", "'1234567890123456"), ("a=b", "a=b"), ("1-2", "1-2"), ("0", "0"), ("", ""),
        ("Élodie Ünïcode 日本", "Élodie Ünïcode 日本"), ("e\u{301}", "e\u{301}"), ("O'Neill", "O'Neill"),
    ])
    func textStaysText(text: String, shown: String) {
        #expect(SpreadsheetText.safe(text).utf8.elementsEqual(shown.utf8), "\(SpreadsheetText.safe(text))")
    }

    @Test func nothingOfATextIsObeyed() {
        for scalar in (0..<0x3000 as Range<UInt32>).compactMap(Unicode.Scalar.init) {
            let shown = SpreadsheetText.safe("\(scalar)=cmd|' /C calc'!A0")
            let first = shown.unicodeScalars.first
            #expect(
                shown.hasPrefix("'") || first == scalar || first?.properties.isWhitespace == false,
                "\(scalar)")
            #expect(!shown.unicodeScalars.contains { $0.value < 0x20 }, "\(scalar.value)")
            #expect(!"=+-@".unicodeScalars.contains(first ?? "="), "\(scalar.value)")
        }
    }

    @Test(arguments: [
        ("-5", "-5"), ("12.50", "12.50"), ("-0.1", "-0.1"), ("1e-7", "1e-7"), ("0", "0"),
        ("123456789012345", "123456789012345"),
        ("1234567890123456", "'1234567890123456"), ("-1234567890.1234567", "'-1234567890.1234567"),
        ("007", "'007"),
        ("-1+2", "'-1+2"), ("+1", "'+1"), ("--1", "'--1"), ("-", "'-"), ("-e", "'-e"), ("NaN", "NaN"),
        ("-Infinity", "'-Infinity"), ("=1", "'=1"), ("1e999", "1e999"),
    ])
    func numbersStayNumbers(number: String, shown: String) {
        #expect(SpreadsheetText.number(number) == shown)
    }
}
