import Terminal
import Testing

@testable import Console

/// Marks, columns and the export as they look.
struct FindingFrameTests {
    @Test(arguments: [(80, 24), (100, 30)])
    func marks(columns: Int, rows: Int) throws {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.press(.character(" "), .character(" "))
        try expectFrame(driver, "marks-\(columns)x\(rows)")
    }

    @Test func copyingMarkedRows() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character(" "), .character(" "), .character("y"))
        try expectFrame(driver, "copy-menu-marked")
    }

    @Test func columns() throws {
        let driver = Driver.inside()
        driver.press(.character("c"), .down, .character(" "))
        try expectFrame(driver, "columns")
    }

    @Test(arguments: [(80, 24), (100, 30)])
    func aBadExpression(columns: Int, rows: Int) throws {
        let driver = Driver.inside(columns: columns, rows: rows)
        driver.press(.character("/"))
        driver.type("/ada[")
        try expectFrame(driver, "bad-expression-\(columns)x\(rows)")
    }

    @Test func theSyntaxOfAFilter() throws {
        let driver = Driver(columns: 80, rows: 24)
        driver.answerCompanies()
        driver.press(.character("/"))
        try expectFrame(driver, "filter-syntax")
    }

    @Test func scrolledColumns() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("l"), .character("l"))
        try expectFrame(driver, "scrolled-columns")
    }

    @Test func exportForm() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character("x"))
        try expectFrame(driver, "export-form")
    }

    @Test func paletteArguments() throws {
        let driver = Driver.inside(columns: 80, rows: 24)
        driver.press(.character(":"))
        driver.type("user gr")
        try expectFrame(driver, "palette-user")
    }
}
