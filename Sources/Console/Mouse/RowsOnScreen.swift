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

    init(_ list: some FilterableList, in area: Rect) {
        self.init(area: area.below(1), count: list.count, top: list.top, selected: list.selectedIndex)
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
        let area = layout.list.inner
        if let top { return top.screen.rowsOnScreen(in: area) }
        guard let context else { return RowsOnScreen(companies.list, in: area) }
        return context.ended == nil ? rowsOnScreen(of: context, in: area, layout.body) : nil
    }

    private func rowsOnScreen(of context: ContextState, in area: Rect, _ body: Rect) -> RowsOnScreen? {
        if let screen = context.screen { return screen.screen.rowsOnScreen(in: area) }
        if context.audit.isFullScreen { return RowsOnScreen(context.audit.trail, in: area) }
        switch context.path.last {
        case .user(let user): return UserView.rows(of: user, in: body)
        case .journey(let journey): return JourneyView.rows(of: journey, in: body, at: serverNow)
        case .screen, nil: break
        }
        switch context.tab {
        case .users: return RowsOnScreen(context.users, in: area)
        case .journeys: return RowsOnScreen(context.journeys, in: area)
        case .audit: return RowsOnScreen(context.audit.trail, in: area)
        case .overview, .tables: return nil
        }
    }
}
