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

    /// Empties a rectangle and draws the border of an overlay around it.
    mutating func panelBox(
        _ area: Rect, title: DisplayText, trailing: DisplayText? = nil, role: Role = .borderFocus
    ) {
        fill(area)
        box(area, title: title, trailing: trailing, style: Style(role))
    }
}
