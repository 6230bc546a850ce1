import Terminal

/// What there is in a company, each tab with the key that shows it.
struct TabStrip {
    private let state: ConsoleState

    init(_ state: ConsoleState) { self.state = state }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        var column = area.column + 1
        for tab in state.context?.tabs ?? [] {
            let isOn = tab == state.context?.tab
            let key = state.keys.label(of: tab.command)
            let text: DisplayText = isOn ? "[\(key) \(tab.title)]" : " \(key) \(tab.title) "
            guard column + text.columns <= area.endColumn else { return }
            column += canvas.write(
                text, row: area.row, column: column, style: isOn ? Style(.accent).bold : .muted)
        }
    }
}

extension ContextState.Tab {
    /// The command that shows it.
    var command: Command {
        switch self {
        case .overview: .overview
        case .users: .users
        case .journeys: .journeys
        case .tables: .tables
        case .audit: .audit
        }
    }
}
