import Terminal

/// A short list of choices with a key each.
struct MenuView {
    private let menu: MenuState

    init(_ menu: MenuState) { self.menu = menu }

    func draw(into canvas: inout Canvas) {
        let area = canvas.panel(columns: 60, rows: menu.items.count + 2)
        canvas.panelBox(area, title: menu.title)
        let inner = area.inner
        canvas.choices(menu.items, selected: menu.selected, in: inner) { canvas, item, row in
            canvas.write(
                DisplayText(String(item.key)), row: row, column: inner.column + 3, style: Style(.key).bold)
            canvas.write(item.label, row: row, column: inner.column + 6, width: inner.columns - 7)
        }
    }
}
