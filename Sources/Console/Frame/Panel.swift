import Terminal

extension Canvas {
    /// A rectangle in the middle of the canvas, of the wished size or as large as there is room.
    func panel(columns: Int, rows: Int) -> Rect {
        let width = min(columns, size.columns - 4)
        let height = min(rows, size.rows - 2)
        return Rect(
            row: (size.rows - height) / 2, column: (size.columns - width) / 2, columns: width, rows: height)
    }

    /// Empties a rectangle and draws the border of an overlay around it.
    mutating func panelBox(
        _ area: Rect, title: DisplayText, trailing: DisplayText? = nil, role: Role = .borderFocus
    ) {
        fill(area)
        box(area, title: title, trailing: trailing, style: Style(role))
    }
}
