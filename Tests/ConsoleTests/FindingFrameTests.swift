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
