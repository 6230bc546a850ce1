import Terminal

/// The tour's words and keys, in a box above the bottom line.
struct TourView {
    private let tour: TourState

    init(_ tour: TourState) { self.tour = tour }

    func draw(into canvas: inout Canvas) {
        guard let told = tour.told else { return }
        let width = min(canvas.size.columns, 100)
        let lines = told.words.wrapped(to: width - 4)
        let rows = lines.count + 3
        let area = Rect(
            row: told.isAtTop ? 1 : canvas.size.rows - 1 - rows, column: (canvas.size.columns - width) / 2,
            columns: width, rows: rows)
        let (number, count) = tour.chapters
        canvas.panelBox(
            area, title: "Tour \(String(number)) of \(String(count))", trailing: "any key takes over",
            role: .accent)
        for (offset, line) in lines.enumerated() {
            canvas.write(
                line, row: area.inner.row + offset, column: area.inner.column + 1, width: width - 4,
                style: .text)
        }
        drawKeys(
            into: &canvas, row: area.inner.row + lines.count, column: area.inner.column + 1, width: width - 4)
    }

    /// What was pressed and what comes.
    private func drawKeys(into canvas: inout Canvas, row: Int, column: Int, width: Int) {
        guard let current = tour.current, !current.keys.isEmpty else { return }
        canvas.write("keys", row: row, column: column, style: .muted)
        var place = column + 6
        for (index, key) in current.keys.enumerated() {
            let label = key == .character(" ") ? " " : key.label.spelledOut(where: canvas.glyphs)
            let isTyped = if case .character = key { true } else { false }
            if !isTyped, index > 0 { place += 1 }
            guard place + label.columns <= column + width else { break }
            let style = index < tour.pressed ? Style(.key).bold : .muted
            canvas.write(label, row: row, column: place, style: style)
            place += label.columns + (isTyped ? 0 : 1)
        }
    }
}
