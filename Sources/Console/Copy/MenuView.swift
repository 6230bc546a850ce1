import Terminal

/// A short list of choices with a key each.
struct MenuView {
    private let menu: MenuState

    init(_ menu: MenuState) { self.menu = menu }

    func draw(into canvas: inout Canvas) {
        let area = canvas.panel(columns: 60, rows: menu.items.count + 2)
        canvas.panelBox(area, title: menu.title)
        let inner = area.inner
        let top = Scrolling.top(0, showing: menu.selected, of: menu.items.count, height: inner.rows)
        for (offset, item) in menu.items.dropFirst(top).prefix(inner.rows).enumerated() {
            let row = inner.row + offset
            canvas.write(
                DisplayText(String(item.key)), row: row, column: inner.column + 3, style: Style(.key).bold)
            canvas.write(item.label, row: row, column: inner.column + 6, width: inner.columns - 7)
            if top + offset == menu.selected { canvas.select(row: row, in: inner) }
        }
    }
}
