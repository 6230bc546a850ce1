import Terminal
import Testing

struct CanvasTests {
    private func canvas(_ columns: Int, _ rows: Int, glyphs: Glyphs = .unicode) -> Canvas {
        Canvas(size: Size(columns: columns, rows: rows), glyphs: glyphs)
    }

    @Test func wideCharactersTakeTwoColumns() {
        var canvas = canvas(9, 2)
        let used = canvas.write("滑雪 ok", row: 0, column: 1)
        canvas.write("lift", row: 1, column: 0, style: Style(.warn, on: .selection, .bold))
        #expect(used == 7)
        #expect(canvas.text == " 滑雪 ok\nlift")
        #expect(canvas[0, 1].text == "滑")
        #expect(canvas[0, 2].text.isEmpty)
        #expect(canvas.styleMap == ".........\naaaa.....\na warn on selection, bold")
    }

    @Test(arguments: [
        ("Ada Lovelace", 12, true, "Ada Lovelace"), ("Ada Lovelace", 6, true, "Ada L…"),
        ("Ada Lovelace", 6, false, "Ada Lo"), ("Ada", 1, true, "…"), ("Ada", 0, true, ""),
        ("滑雪場", 5, true, "滑雪…"), ("滑雪場", 4, true, "滑…"), ("滑雪場", 5, false, "滑雪"),
        ("滑雪", 1, false, ""), ("é̂clair", 2, false, "é̂c"),
    ])
    func textIsCutToItsWidth(text: String, width: Int, ellipsis: Bool, expected: String) {
        var canvas = canvas(20, 1)
        canvas.write(DisplayText(text), row: 0, column: 0, width: width, ellipsis: ellipsis)
        #expect(canvas.text == expected)
    }

    @Test func textIsCutAtTheEdgesOfTheCanvas() {
        var canvas = canvas(6, 4)
        canvas.write("Grenoble", row: 0, column: 2)
        canvas.write("Grenoble", row: 1, column: -3)
        canvas.write("雪雪雪", row: 2, column: -1, ellipsis: false)
        canvas.write("a雪雪雪", row: 3, column: 0, ellipsis: false)
        #expect(canvas.text == "  Gre…\nnoble\n 雪雪\na雪雪")
        #expect(canvas[3, 5].text == " ")
        for (row, column) in [(-1, 0), (4, 0), (0, 6), (0, .max), (0, -100), (0, .min / 2)] {
            let before = canvas
            canvas.write("lost", row: row, column: column)
            #expect(canvas == before)
        }
    }

    @Test func halfOfAWideCharacterIsBlankedWhenTheOtherIsOverwritten() {
        var canvas = canvas(6, 3)
        for row in 0..<3 { canvas.write("雪雪雪", row: row, column: 0) }
        canvas.write("x", row: 0, column: 1)
        canvas.write("x", row: 1, column: 2)
        canvas.fill(Rect(row: 2, column: 1, columns: 2, rows: 1), "-")
        #expect(canvas.text == " x雪雪\n雪x 雪\n -- 雪")
        #expect(canvas.cells.filter { $0.text.isEmpty }.count == 5)
    }

    @Test func fillingIsClipped() {
        var canvas = canvas(5, 3)
        canvas.fill(Rect(row: -5, column: -5, columns: 7, rows: 7), "#", style: Style(.ok))
        canvas.fill(Rect(row: 2, column: 2, columns: .max, rows: .max), "雪")
        canvas.fill(Rect(row: 0, column: 4, columns: 1, rows: 1), "\u{1B}")
        canvas.fill(Rect(row: 9, column: 9, columns: 9, rows: 9), "!")
        #expect(canvas.text == "##  ␛\n##\n  雪")
    }

    @Test func boxesCarryTitles() {
        var canvas = canvas(24, 4)
        canvas.box(canvas.bounds, title: "Users", trailing: "24 of ≈1.2k")
        canvas.box(Rect(row: 1, column: 1, columns: 12, rows: 2), title: "Journeys today", trailing: "9")
        #expect(
            canvas.text == """
                ┌ Users ── 24 of ≈1.2k ┐
                │┌ Journey… ┐          │
                │└──────────┘          │
                └──────────────────────┘
                """)
    }

    @Test func boxesTooSmallForATitleStayBoxes() {
        var canvas = canvas(8, 3)
        canvas.box(Rect(row: 0, column: 0, columns: 5, rows: 2), title: "Users", trailing: "24")
        canvas.box(Rect(row: 1, column: 6, columns: 9, rows: 9))
        canvas.box(Rect(row: 0, column: 0, columns: 1, rows: 1), title: "Users")
        #expect(canvas.text == "┌───┐\n└───┘ ┌─\n      │")
    }

    @Test func asciiScreensDrawAscii() {
        var canvas = canvas(16, 4, glyphs: .ascii)
        canvas.box(canvas.bounds, title: "Acme ▸ Users")
        canvas.bar(0.5, row: 1, column: 1, width: 6)
        canvas.write("✓ done…", row: 2, column: 1)
        #expect(canvas.text == "+ Acme > Users +\n|###...        |\n|y done~       |\n+--------------+")
    }

    @Test func barsShowTheirEnds() {
        var canvas = canvas(10, 5)
        for (row, fraction) in [0, 0.001, 0.999, 1, .nan].enumerated() {
            canvas.bar(fraction, row: row, column: 0, width: 4)
        }
        #expect(canvas.text == "▱▱▱▱\n▰▱▱▱\n▰▰▰▱\n▰▰▰▰\n▱▱▱▱")
    }

    @Test func groundsKeepTextAndColours() {
        var canvas = canvas(4, 1)
        canvas.write("warm", row: 0, column: 0, style: Style(.warn, .bold))
        canvas.ground(Rect(row: 0, column: 1, columns: 2, rows: 5), .selection)
        #expect(canvas.text == "warm")
        #expect(canvas.styleMap == "abba\na warn, bold\nb warn on selection, bold")
    }
}
