import Terminal

/// The theme picker; the selected theme is on screen already, with a sample of its roles.
struct ThemePickerView {
    private let picker: ThemePickerState
    private let themes: [String]

    private let keys: Keymap

    init(_ picker: ThemePickerState, themes: [String], keys: Keymap) {
        self.picker = picker
        self.themes = themes
        self.keys = keys
    }

    func draw(into canvas: inout Canvas) {
        let area = canvas.panel(columns: 46, rows: min(20, themes.count + 6))
        let (keep, leave) = (keys.label(of: .choose, in: .themes), keys.label(of: .close, in: .themes))
        let glyphs = canvas.glyphs
        canvas.panelBox(
            area, title: "Themes",
            trailing: keep.spelledOut(where: glyphs) + " keeps · " + leave.spelledOut(where: glyphs)
                + " as before")
        let inner = area.inner
        let room = max(1, inner.rows - 3)
        let top = max(0, picker.selected - room + 1)
        for (offset, name) in themes.dropFirst(top).prefix(room).enumerated() {
            let row = inner.row + offset
            canvas.write(DisplayText(name), row: row, column: inner.column + 3, width: inner.columns - 4)
            if top + offset == picker.selected { canvas.select(row: row, in: inner) }
        }
        let sample: [(DisplayText, Role)] = [
            ("ok", .ok), ("warn", .warn), ("error", .error), ("accent", .accent), ("muted", .muted),
        ]
        var column = inner.column + 3
        for (text, role) in sample {
            column += canvas.write(text, row: inner.endRow - 2, column: column, style: Style(role)) + 2
        }
        canvas.write(
            " IMPERSONATING ", row: inner.endRow - 1, column: inner.column + 3,
            style: Style(.impersonation, on: .impersonation))
    }
}
