import Terminal

/// A console-like picture to measure with: a list whose selection moves, a pane beside it, records below.
struct Scene {
    var selected = 0
    var offset = 0
    var seconds = 521
    var isDifferent = false

    func canvas(_ size: Size, glyphs: Glyphs) -> Canvas {
        var canvas = Canvas(size: size, glyphs: glyphs)
        var rest = canvas.bounds
        let top = rest.takeTop(1)
        canvas.fill(top, style: Style(.impersonation))
        canvas.write("PISTE  Awesome Corp ▸ Users", row: 0, column: 1, style: Style(.impersonation))
        canvas.write(
            "0\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)", row: 0,
            column: size.columns - 6, style: Style(.countdownOk, on: .impersonation))
        let bottom = rest.takeBottom(1)
        canvas.write("⏎ open  / filter  ? help", row: bottom.row, column: 1, style: Style(.key))
        let records = rest.takeBottom(min(7, rest.rows / 3))
        let list = rest.takeLeft(size.columns / 2)
        canvas.box(list, title: "Users", trailing: "24 of ≈1.2k", style: Style(.borderFocus))
        canvas.box(rest, title: "Ada Lovelace")
        canvas.box(records, title: "Audit trail · Awesome Corp", trailing: "1,204 records · chain ✓")
        for index in 0..<list.inner.rows {
            let line = list.inner.row + index
            let person = offset + index
            let column = list.inner.column + 2
            canvas.write(
                "Ada \(isDifferent ? "Byron" : "Lovelace") \(person)", row: line, column: column, width: 18)
            canvas.write("ada\(person)@awesome.example", row: line, column: column + 20, width: 16)
            canvas.write("active", row: line, column: column + 38, width: 8, style: Style(.ok))
            if person == selected {
                canvas.ground(
                    Rect(row: line, column: list.inner.column, columns: list.inner.columns, rows: 1),
                    .selection)
            }
        }
        canvas.write("Onboarding  滑雪 é", row: rest.inner.row + 1, column: rest.inner.column + 1)
        canvas.bar(0.6, row: rest.inner.row + 2, column: rest.inner.column + 1, width: 10)
        for row in records.inner.row..<records.inner.endRow {
            canvas.write(
                "12:04:3\(row % 10)  alice as ada@…  users.read  page \(row)", row: row,
                column: records.inner.column + 1, style: .muted)
        }
        return canvas
    }

    /// Every cell of it differs from every cell of the scene, and from its own other side.
    static func noise(_ size: Size, side: Bool) -> Canvas {
        var canvas = Canvas(size: size)
        for row in 0..<size.rows {
            for column in 0..<size.columns {
                let letter = Character(Unicode.Scalar(UInt8(97 + (row * 7 + column + (side ? 0 : 13)) % 26)))
                let role: Role = (column / 5 + row).isMultiple(of: 2) ? .warn : .accent
                canvas.fill(
                    Rect(row: row, column: column, columns: 1, rows: 1), letter, style: Style(role))
            }
        }
        return canvas
    }
}
