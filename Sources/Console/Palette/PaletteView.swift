import Terminal

/// The command palette.
struct PaletteView {
    private let palette: PaletteState
    private let state: ConsoleState

    init(_ palette: PaletteState, state: ConsoleState) {
        self.palette = palette
        self.state = state
    }

    func draw(into canvas: inout Canvas) -> Position? {
        let entries = state.paletteEntries(palette)
        let area = canvas.panel(columns: 70, rows: min(16, max(6, entries.count + 4)))
        canvas.panelBox(area, title: "Command")
        let inner = area.inner
        canvas.write(":", row: inner.row, column: inner.column + 1, style: Style(.key))
        let typed = DisplayText(palette.field.text)
        canvas.write(typed, row: inner.row, column: inner.column + 2, width: inner.columns - 3)
        if palette.field.isEmpty {
            canvas.write(
                "company acme, user ada@…, theme nord, or part of a command", row: inner.row,
                column: inner.column + 3,
                width: inner.columns - 4, style: .muted)
        }
        let room = max(1, inner.rows - 1)
        let top = max(0, palette.selected - room + 1)
        for (offset, entry) in entries.dropFirst(top).prefix(room).enumerated() {
            let row = inner.row + 1 + offset
            canvas.write(entry.title, row: row, column: inner.column + 3, width: 26)
            canvas.write(
                entry.meaning, row: row, column: inner.column + 30, width: inner.columns - 31, style: .muted)
            if top + offset == palette.selected { canvas.select(row: row, in: inner) }
            underline(entry, into: &canvas, row: row, column: inner.column + 3, width: 26)
        }
        let before = DisplayText(String(palette.field.text.prefix(palette.field.cursor)))
        return Position(row: inner.row, column: min(inner.endColumn - 1, inner.column + 2 + before.columns))
    }

    /// Shows which letters of a title fit what was typed, where colours are missing too.
    private func underline(
        _ entry: PaletteEntry, into canvas: inout Canvas, row: Int, column: Int, width: Int
    ) {
        let title = entry.title.string
        for place in entry.matched where place < title.count {
            let before = DisplayText(String(title.prefix(place))).columns
            let taken = DisplayText(String(title.prefix(place + 1))).columns - before
            guard taken > 0, before + taken < width else { continue }
            canvas.restyle(Rect(row: row, column: column + before, columns: taken, rows: 1)) { style in
                style.role = .accent
                style.modifiers.formUnion([.bold, .underline])
            }
        }
    }
}
