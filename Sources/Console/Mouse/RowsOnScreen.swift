import Tenancy
import Terminal

/// The rows of the list on screen, line by line.
struct RowsOnScreen {
    /// Where the lines lie, without border and header.
    var area: Rect
    /// Which row stands in each line, by its place in the list; nil for a line that belongs to none.
    var places: [Int?]
    var selected: Int?

    /// One line for each row, from `top` on.
    init(area: Rect, count: Int, top: Int, selected: Int?) {
        self.area = area
        let end = min(count, top + area.rows)
        places = top < end ? Array(top..<end) : []
        self.selected = selected
    }

    init(area: Rect, places: [Int?], selected: Int?) {
        self.area = area
        self.places = places
        self.selected = selected
    }
}

extension Rect {
    func below(_ rows: Int) -> Rect {
        var rest = self
        _ = rest.takeTop(rows)
        return rest
    }
}

extension ConsoleState {
    /// The rows of the list on screen; nil where there is none.
    var rowsOnScreen: RowsOnScreen? {
        let layout = Layout(self)
        if let screen = controlScreen { return screen.screen.rowsOnScreen(layout, self) }
        return context?.screen?.screen.rowsOnScreen(layout, self)
    }
}
