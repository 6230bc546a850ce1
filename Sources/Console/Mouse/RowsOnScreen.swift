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
    private init(_ area: Rect, count: Int, top: Int, selected: Int?) {
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

    init<Row: Anchored>(_ list: ListState<Row>, in area: Rect, below: Int = 1) {
        self.init(area.below(below), count: list.rows.count, top: list.top, selected: list.selectedIndex)
    }

    init<Row: ShortRow>(_ list: ShortList<Row>, in area: Rect) {
        self.init(area.below(1), count: list.visible.count, top: list.top, selected: list.selectedIndex)
    }

    init(_ proof: ProofState, in area: Rect) {
        self.init(
            area.below(ProofView.summaryRows + 1), count: proof.lines.count, top: proof.top,
            selected: proof.selected)
    }
}

extension Rect {
    fileprivate func below(_ rows: Int) -> Rect {
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
        switch scope {
        case .companies: return RowsOnScreen(companies.list, in: area)
        case .workspace, .user, .journey, .audit:
            guard let context, context.ended == nil else { return nil }
            return rowsOnScreen(of: context, in: area, layout.body)
        case .contexts: return contexts.map { RowsOnScreen($0.list, in: area) }
        case .requests: return RowsOnScreen(requests.list, in: area)
        case .operators: return operators.map { RowsOnScreen($0.list, in: area) }
        case .controlTrail: return controlTrail.map { RowsOnScreen($0.list, in: area) }
        case .migrations:
            return migrations.map {
                RowsOnScreen($0.list, in: area, below: MigrationsView.summaryRows + 1)
            }
        case .proof: return proof.map { RowsOnScreen($0, in: area) }
        case .anywhere: return nil
        }
    }

    private func rowsOnScreen(of context: ContextState, in area: Rect, _ body: Rect) -> RowsOnScreen? {
        if context.audit.isFullScreen { return RowsOnScreen(context.audit.trail, in: area) }
        switch context.path.last {
        case .user(let user): return UserView.rows(of: user, in: body)
        case .journey(let journey): return JourneyView.rows(of: journey, in: body, at: serverNow)
        case nil: break
        }
        switch context.tab {
        case .users: return RowsOnScreen(context.users, in: area)
        case .journeys: return RowsOnScreen(context.journeys, in: area)
        case .audit: return RowsOnScreen(context.audit.trail, in: area)
        case .overview: return nil
        }
    }
}
