import Terminal

/// One part of the overview: a heading, a figure at its right, and a picture below.
struct OverviewSection {
    var title: DisplayText
    /// What stands at the right of the heading.
    var figure: DisplayText = ""
    /// How many rows the picture takes.
    var rows: Int
    var draw: (inout Canvas, Rect) -> Void

    /// The rows of heading and picture; a section without a title has no heading.
    var height: Int { rows + (title.isEmpty ? 0 : 1) }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        var rest = area
        if !title.isEmpty {
            let heading = rest.takeTop(1)
            let figure = self.figure.truncated(to: max(0, area.columns - 8))
            canvas.write(
                title, row: heading.row, column: heading.column,
                width: max(0, area.columns - figure.columns - 1), style: Style(.header))
            canvas.write(
                figure, row: heading.row, column: heading.endColumn - figure.columns, style: .muted)
        }
        draw(&canvas, rest)
    }
}
