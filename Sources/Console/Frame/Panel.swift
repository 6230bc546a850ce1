import Terminal

extension Size {
    /// A rectangle in the middle of the screen, of the wished size or as large as there is room.
    func panel(columns wishedColumns: Int, rows wishedRows: Int) -> Rect {
        let width = min(wishedColumns, columns - 4)
        let height = min(wishedRows, rows - 2)
        return Rect(row: (rows - height) / 2, column: (columns - width) / 2, columns: width, rows: height)
    }
}

extension Canvas {
    func panel(columns: Int, rows: Int) -> Rect { size.panel(columns: columns, rows: rows) }

    /// Draws as many of the choices as find room, the selected one among them and marked as such.
    mutating func choices<Choice>(
        _ choices: [Choice], selected: Int, in area: Rect, _ draw: (inout Canvas, Choice, Int) -> Void
    ) {
        let top = Scrolling.top(0, showing: selected, of: choices.count, height: area.rows)
        for (offset, choice) in choices.dropFirst(top).prefix(area.rows).enumerated() {
            draw(&self, choice, area.row + offset)
            if top + offset == selected { select(row: area.row + offset, in: area) }
        }
    }

    /// Empties a rectangle and draws the border of an overlay around it.
    mutating func panelBox(
        _ area: Rect, title: DisplayText, trailing: DisplayText? = nil, role: Role = .borderFocus
    ) {
        fill(area)
        box(area, title: title, trailing: trailing, style: Style(role))
    }
}
