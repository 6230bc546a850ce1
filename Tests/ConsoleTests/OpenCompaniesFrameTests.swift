import Terminal
import Testing

@testable import Console

/// The line of open companies at its narrowest.
struct OpenCompaniesFrameTests {
    @Test(arguments: [(60, 16), (80, 24), (100, 30)])
    func nineCompaniesFitEveryWidth(columns: Int, rows: Int) throws {
        let driver = Driver(columns: columns, rows: rows)
        driver.answerCompanies()
        driver.open(9)
        let bar = driver.frame.split(separator: "\n", omittingEmptySubsequences: false)[1]
        for number in 1...9 { #expect(bar.contains("\(number)")) }
        #expect(bar.contains("▌9"))
        try expectText(String(bar), "nine-companies-\(columns)x\(rows)")
    }

    @Test func theModeIsToldInWordsAtEveryWidth() {
        for (columns, word) in [(200, "IMPERSONATING"), (80, "IMP"), (60, "IMP")] {
            let bar = Driver.threeOpen(Size(columns: columns, rows: 24)).frame.split(separator: "\n")[1]
            #expect(bar.contains(word), "\(bar)")
            #expect(bar.contains("ended"), "\(bar)")
        }
    }
}
