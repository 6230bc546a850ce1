import Terminal
import Testing

@testable import Console

/// The line of open companies as it looks, kept as text and as styles.
struct OpenCompaniesFrameTests {
    /// An impersonation in Awesome Corp, Blau on screen with little time left, and a third that is over.
    private func three(columns: Int, rows: Int) -> Driver {
        let driver = Driver.impersonating(columns: columns, rows: rows)
        driver.press(.character("0"), .home, .down, .down, .enter)
        driver.answerOpening(minutes: 1)
        driver.answerUsers([])
        driver.openBlau(minutes: 4)
        driver.now += 61_000
        driver.send(.clockTicked)
        driver.press(.character("g"))
        return driver
    }

    @Test(arguments: FrameTests.sizes)
    func threeCompanies(columns: Int, rows: Int) throws {
        try expectFrame(three(columns: columns, rows: rows), "open-companies-\(columns)x\(rows)")
    }

    @Test func threeCompaniesInPlainCharacters() throws {
        let driver = three(columns: 80, rows: 24)
        driver.state.glyphs = .ascii
        try expectFrame(driver, "open-companies-ascii")
    }

    @Test func theColoursOfTheLine() throws {
        let map = FrameView(three(columns: 100, rows: 30).state).draw().canvas.styleMap
        let lines = map.split(separator: "\n", omittingEmptySubsequences: false)
        try expectText((lines[0..<2] + lines[30...]).joined(separator: "\n"), "open-companies-styles")
    }

    @Test func theListWithCompaniesOpen() throws {
        let driver = three(columns: 80, rows: 24)
        driver.press(.character("0"))
        try expectFrame(driver, "open-companies-list")
    }

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
            let bar = three(columns: columns, rows: 24).frame.split(separator: "\n")[1]
            #expect(bar.contains(word), "\(bar)")
            #expect(bar.contains("ended"), "\(bar)")
        }
    }
}
