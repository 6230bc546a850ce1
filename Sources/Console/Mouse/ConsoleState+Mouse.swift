import Tenancy
import Terminal

extension ConsoleState {
    /// A click selects the row below it, a double one opens it, the wheel moves by three rows; no click confirms.
    mutating func takeMouse(_ mouse: MouseEvent) -> [Effect] {
        guard Layout.hasRoom(size) else { return [] }
        shell.notice = nil
        switch mouse.kind {
        case .wheelUp: return turnWheel(.up)
        case .wheelDown: return turnWheel(.down)
        case .press: return click(mouse.position)
        case .doublePress:
            guard shell.overlays.isEmpty, rowClicked(mouse.position) != nil else { return [] }
            let moved = click(mouse.position)
            return opensByMouse ? moved + perform(.open) : moved
        }
    }

    /// Whether opening a row of this screen only shows something.
    private var opensByMouse: Bool {
        if let screen = controlScreen { return type(of: screen.screen).opensByMouse }
        return context?.screen.map { type(of: $0.screen).opensByMouse } ?? true
    }

    /// What is read moves by three rows, what is chosen from by one; in a form or a question the wheel means nothing.
    private mutating func turnWheel(_ command: Command) -> [Effect] {
        guard let layer = shell.overlays.last?.layer else { return (0..<3).flatMap { _ in perform(command) } }
        guard shell.keys.bindings(in: layer.scope).contains(where: { $0.command == command }) else {
            return []
        }
        let rows = type(of: layer).isForReading ? 3 : 1
        return (0..<rows).flatMap { _ in performOnOverlay(command) }
    }

    /// Moves the selection to the row, with the commands that the keys move it by.
    private mutating func click(_ position: Position) -> [Effect] {
        guard shell.overlays.isEmpty, let row = rowClicked(position), let selected = rowsOnScreen?.selected
        else {
            return []
        }
        let delta = row - selected
        return (0..<abs(delta)).flatMap { _ in perform(delta > 0 ? .down : .up) }
    }

    /// Which row of the list lies at a position, by its place in the list; nil beside the rows.
    private func rowClicked(_ position: Position) -> Int? {
        guard let rows = rowsOnScreen, rows.area.contains(position) else { return nil }
        let line = position.row - rows.area.row
        return rows.places.indices.contains(line) ? rows.places[line] : nil
    }
}
