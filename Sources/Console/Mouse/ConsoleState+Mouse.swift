import Tenancy
import Terminal

extension ConsoleState {
    /// A click selects the row below it, a double one opens it, the wheel moves by three rows; no click confirms.
    mutating func takeMouse(_ mouse: MouseEvent) -> [Effect] {
        guard Layout.hasRoom(size) else { return [] }
        notice = nil
        switch mouse.kind {
        case .wheelUp: return turnWheel(.up, .up)
        case .wheelDown: return turnWheel(.down, .down)
        case .press: return click(mouse.position)
        case .doublePress:
            guard overlays.isEmpty, rowClicked(mouse.position) != nil else { return [] }
            let moved = click(mouse.position)
            return opensByMouse ? moved + perform(.open) : moved
        }
    }

    /// Whether opening a row of this screen only shows something.
    private var opensByMouse: Bool {
        switch scope {
        case .companies, .workspace, .audit, .controlTrail: true
        case .user, .journey, .contexts, .requests, .operators, .migrations, .proof, .anywhere: false
        }
    }

    private mutating func turnWheel(_ command: Command, _ key: Key) -> [Effect] {
        switch overlays.last {
        case nil: return (0..<3).flatMap { _ in perform(command) }
        case .help, .record, .evidence: return (0..<3).flatMap { _ in takeOverlay(key) }
        case .themes, .menu, .palette, .columns: return takeOverlay(key)
        default: return []
        }
    }

    /// Moves the selection to the row, with the commands that the keys move it by.
    private mutating func click(_ position: Position) -> [Effect] {
        guard overlays.isEmpty, let row = rowClicked(position), let selected = rowsOnScreen?.selected else {
            return []
        }
        let delta = row - selected
        return (0..<abs(delta)).flatMap { _ in perform(delta > 0 ? .down : .up) }
    }

    /// The row of the list at a position, counted from the first one on screen; nil beside the rows.
    private func rowClicked(_ position: Position) -> Int? {
        guard let rows = rowsOnScreen, rows.area.contains(position) else { return nil }
        let row = position.row - rows.area.row
        return row < rows.count ? row : nil
    }

    private struct RowsOnScreen {
        /// Where the rows lie, without border and header.
        var area: Rect
        /// How many there are, and which of them is selected.
        var count: Int
        var selected: Int?
    }

    /// The rows of the list on screen; nil where there is none.
    private var rowsOnScreen: RowsOnScreen? {
        let layout = Layout(self)
        func rows(_ count: Int, _ top: Int, _ selected: Int?) -> RowsOnScreen {
            var area = layout.list.inner
            _ = area.takeTop(1)
            return RowsOnScreen(
                area: area, count: min(area.rows, max(0, count - top)), selected: selected.map { $0 - top })
        }
        func rows<Row: Anchored>(_ list: ListState<Row>) -> RowsOnScreen {
            rows(list.rows.count, list.top, list.selectedIndex)
        }
        func rows<Row: ShortRow>(_ list: ShortList<Row>) -> RowsOnScreen {
            rows(list.visible.count, list.top, list.selectedIndex)
        }
        switch scope {
        case .companies: return rows(companies.list)
        case .workspace:
            guard let context, context.ended == nil else { return nil }
            switch context.tab {
            case .users: return rows(context.users)
            case .journeys: return rows(context.journeys)
            case .overview, .audit: return nil
            }
        case .audit:
            guard let context, context.ended == nil else { return nil }
            return rows(context.audit.trail)
        case .contexts: return contexts.map { rows($0.list) }
        case .requests: return rows(requests.list)
        case .operators: return operators.map { rows($0.list) }
        case .controlTrail: return controlTrail.map { rows($0.list) }
        case .user, .journey, .migrations, .proof, .anywhere: return nil
        }
    }
}
