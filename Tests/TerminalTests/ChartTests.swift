import Terminal
import Testing

/// Charts as exact pictures, in Unicode and ASCII, of every size down to nothing.
struct ChartTests {
    private func drawn(
        _ columns: Int, _ rows: Int, glyphs: Glyphs = .unicode, _ draw: (inout Canvas, Rect) -> Void
    ) -> String {
        var canvas = Canvas(size: Size(columns: columns, rows: rows), glyphs: glyphs)
        draw(&canvas, canvas.bounds)
        return canvas.text
    }

    private func sparkline(_ values: [Int], _ width: Int, glyphs: Glyphs = .unicode) -> String {
        drawn(width, 1, glyphs: glyphs) { canvas, _ in
            Sparkline(values).draw(into: &canvas, row: 0, column: 0, width: width)
        }
    }

    @Test func aSparklineHasAColumnForEachValue() {
        #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 9) == " ▁▂▃▄▅▆▇█")
        #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 9, glyphs: .ascii) == " __.--==#")
        #expect(sparkline([1, 1000], 9) == "▁█", "whatever is above zero shows")
        #expect(sparkline([7], 9) == "█")
        #expect(sparkline([0, 0, 0], 9).isEmpty)
        #expect(sparkline([], 9).isEmpty)
        #expect(sparkline([-5, 10, -1], 9) == " █", "nothing counts below zero")
        #expect(sparkline([.max, .max / 2, .min], 9) == "█▄")
    }

    @Test func moreValuesThanColumnsAreSummedUp() {
        #expect(sparkline([1, 1, 2, 2, 4, 4], 3) == "▂▄█")
        #expect(sparkline([1, 2, 3, 4, 5], 1) == "█")
        #expect(sparkline([.max, .max, .max, 1], 2) == "██", "a sum without room stays at the greatest")
        #expect(sparkline([1, 2], 0).isEmpty)
        #expect(sparkline([1, 2], -3).isEmpty)
    }

    @Test func columnsStandOnTheLastRow() {
        let values = [0, 4, 8, 16, 32]
        #expect(
            drawn(5, 3) { ColumnChart(values).draw(into: &$0, $1) } == "    █\n   ▄█\n ▃▆██")
        #expect(
            drawn(5, 3, glyphs: .ascii) { ColumnChart(values).draw(into: &$0, $1) }
                == "    #\n   -#\n .=##")
        #expect(drawn(8, 1) { ColumnChart([1, 2]).draw(into: &$0, $1) } == "▄▄▄ ███", "wide ones have gaps")
        #expect(drawn(4, 1) { ColumnChart([1, 2]).draw(into: &$0, $1) } == "▄▄██")
        #expect(drawn(3, 2) { ColumnChart([9]).draw(into: &$0, $1) } == "██\n██")
        #expect(drawn(4, 2) { ColumnChart([0, 0]).draw(into: &$0, $1) } == "\n")
        #expect(drawn(4, 2) { ColumnChart([]).draw(into: &$0, $1) } == "\n")
        var taken = 0
        _ = drawn(10, 2) { taken = ColumnChart([1, 2, 3]).draw(into: &$0, $1) }
        #expect(taken == 9)
    }

    @Test func aLineIsMadeOfBraille() {
        #expect(drawn(4, 1) { LineChart([0, 1, 2, 3, 3, 3, 0, 0]).draw(into: &$0, $1) } == "⡠⠊⠹⣀")
        #expect(
            drawn(4, 2) { LineChart([0, 7]).draw(into: &$0, $1) } == "⠀⠀⡠⠊\n⡠⠊".replacing("⠀", with: " "))
        #expect(drawn(4, 2, glyphs: .ascii) { LineChart([0, 5, 5, 0]).draw(into: &$0, $1) } == "-''\n' '.")
        #expect(drawn(3, 1) { LineChart([5]).draw(into: &$0, $1) } == "⠁")
        #expect(drawn(2, 1) { LineChart([0, 0]).draw(into: &$0, $1) } == "⣀⣀")
        #expect(drawn(2, 1) { LineChart([]).draw(into: &$0, $1) }.isEmpty)
        #expect(drawn(2, 1) { LineChart([.min, .max]).draw(into: &$0, $1) } == "⡠⠊")
    }

    @Test func barsHaveNamesAndFigures() {
        let bars = Bars([
            Bars.Bar("active", 900, figure: "900", style: Style(.chart1)),
            Bars.Bar("in 雪 \u{1B}[2J", 1, figure: "≈1", style: Style(.chart2)),
            Bars.Bar("none", 0, figure: "0", style: Style(.chart3)),
        ])
        #expect(
            drawn(24, 3) { bars.draw(into: &$0, $1) } == """
                active     ▰▰▰▰▰▰▰▰▰ 900
                in 雪 ␛[2J ▰▱▱▱▱▱▱▱▱  ≈1
                none       ▱▱▱▱▱▱▱▱▱   0
                """)
        #expect(
            drawn(24, 2, glyphs: .ascii) { bars.draw(into: &$0, $1) } == """
                active     ######### 900
                in 雪 ?[2J #........  ~1
                """)
        #expect(drawn(8, 1) { bars.draw(into: &$0, $1) } == "act… 900", "no room for a bar")
        #expect(drawn(3, 1) { bars.draw(into: &$0, $1) } == "900")
        let half = Bars([Bars.Bar("a", 5, figure: "5", style: Style(.chart1))], most: 10)
        #expect(drawn(14, 1) { half.draw(into: &$0, $1) } == "a ▰▰▰▰▰▱▱▱▱▱ 5")
    }

    @Test func aFunnelTellsWhoIsStuck() {
        let funnel = Funnel([
            Funnel.Step("1 sign up", reached: 100, stuck: 0, figure: "100", note: ""),
            Funnel.Step("2 pay", reached: 60, stuck: 30, figure: "60", note: "! 30 stalled"),
            Funnel.Step("3 done", reached: 1, stuck: 0, figure: "1", note: ""),
        ])
        #expect(
            drawn(48, 3) { funnel.draw(into: &$0, $1) } == """
                1 sign up █████████████████████ 100
                2 pay     ███████▒▒▒▒▒▒          60 ! 30 stalled
                3 done    █                       1
                """)
        #expect(
            drawn(48, 2, glyphs: .ascii) { funnel.draw(into: &$0, $1) } == """
                1 sign up ##################### 100
                2 pay     #######!!!!!!          60 ! 30 stalled
                """)
        #expect(
            drawn(20, 2) { funnel.draw(into: &$0, $1) } == "1 sign … ███████ 100\n2 pay    ██▒▒     60",
            "no room for the note")
        #expect(drawn(6, 1) { funnel.draw(into: &$0, $1) } == "1… 100")
        let odd = Funnel([Funnel.Step("x", reached: -4, stuck: .max, figure: "0", note: "")])
        #expect(drawn(12, 1) { odd.draw(into: &$0, $1) } == "x          0")
    }

    @Test func aStretchOfTimeTakesAtLeastOneColumn() {
        func span(_ start: Double, _ end: Double, isOpen: Bool = false, _ glyphs: Glyphs = .unicode) -> String
        {
            drawn(10, 1, glyphs: glyphs) { canvas, _ in
                TimeSpan(from: start, to: end, isOpen: isOpen).draw(
                    into: &canvas, row: 0, column: 0, width: 10, style: Style(.ok))
            }
        }
        #expect(span(0, 0.5) == "█████·····")
        #expect(span(0.25, 0.25) == "··█·······")
        #expect(span(1, 1) == "·········█")
        #expect(span(0.7, 1, isOpen: true) == "·······██▶")
        #expect(span(0.7, 1, isOpen: true, .ascii) == ".......##>")
        #expect(span(.nan, .infinity) == "██████████")
        #expect(span(2, -1) == "·········█")
    }

    @Test(arguments: [Glyphs.unicode, .ascii])
    func noSizeAndNoValueTraps(glyphs: Glyphs) {
        let data: [[Int]] = [
            [], [0], [1], [.max], [.min, .max], [.max, .max, .max], Array(repeating: 3, count: 500),
            Array(-20...20),
        ]
        for values in data {
            for columns in [0, 1, 2, 3, 5, 80] {
                for rows in [0, 1, 2, 7] {
                    var canvas = Canvas(size: Size(columns: columns, rows: rows), glyphs: glyphs)
                    let areas = [
                        canvas.bounds, Rect(row: -3, column: -2, columns: 4, rows: 9),
                        Rect(row: 0, column: 0, columns: .max, rows: .max),
                        Rect(row: 1, column: 1, columns: 3, rows: 1),
                        Rect(row: .max / 2, column: 5, columns: 7, rows: 2),
                    ]
                    let steps = values.map {
                        Funnel.Step("step", reached: $0, stuck: $0 / 2, figure: "\(String($0))", note: "note")
                    }
                    let bars = values.map {
                        Bars.Bar("bar", $0, figure: "\(String($0))", style: Style(.chart1))
                    }
                    for area in areas {
                        ColumnChart(values).draw(into: &canvas, area)
                        LineChart(values).draw(into: &canvas, area)
                        Bars(bars).draw(into: &canvas, area)
                        Funnel(steps).draw(into: &canvas, area)
                        Sparkline(values).draw(
                            into: &canvas, row: area.row, column: area.column, width: area.columns)
                        TimeSpan(from: 0, to: 1).draw(
                            into: &canvas, row: area.row, column: area.column, width: area.columns,
                            style: .text)
                    }
                    #expect(canvas.cells.count == columns * rows)
                    if glyphs.isASCII {
                        #expect(canvas.cells.allSatisfy { $0.text.utf8.allSatisfy { $0 < 0x80 } })
                    }
                }
            }
        }
    }

    @Test func aCanvasIsPastedFromAnyRowOn() {
        var page = Canvas(size: Size(columns: 5, rows: 4))
        for (row, text) in (["one", "two雪", "three", "four"] as [DisplayText]).enumerated() {
            page.write(text, row: row, column: 0, style: Style(.chart2))
        }
        func pasted(_ first: Int, _ area: Rect) -> String {
            var canvas = Canvas(size: Size(columns: 7, rows: 3))
            canvas.fill(canvas.bounds, "-")
            canvas.paste(page, from: first, into: area)
            return canvas.text
        }
        #expect(pasted(1, Rect(row: 0, column: 1, columns: 5, rows: 3)) == "-two雪-\n-three-\n-four -")
        #expect(pasted(1, Rect(row: 0, column: 0, columns: 4, rows: 1)) == "two ---\n-------\n-------")
        #expect(pasted(3, Rect(row: 1, column: 5, columns: 9, rows: 9)) == "-------\n-----fo\n-------")
        #expect(pasted(-1, Rect(row: -1, column: 0, columns: 5, rows: 3)) == "one  --\ntwo雪--\n-------")
    }
}
