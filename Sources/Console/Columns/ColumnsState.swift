import Terminal

/// The choice of the columns that a list shows, how wide, and in which order; it is kept when it is closed.
struct ColumnsState: ChoosingLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .columns,
                .of(
                    [
                        KeyBinding(
                            .choose, [.character(" "), .enter], "show or hide", "Show the column, or hide it",
                            rank: 1),
                        KeyBinding(.narrower, [.character("<")], "narrower", "Give the column less room"),
                        KeyBinding(.wider, [.character(">")], "width", "Give the column more room", rank: 2),
                        KeyBinding(
                            .naturalWidth, [.character("=")], "width by itself",
                            "Give the column the room that it needs", rank: 3),
                        KeyBinding(
                            .sort, [.character("s")], "order by it", "Order the list by the column", rank: 4),
                    ], .choosing(),
                    .closing(
                        "close", by: [.character("q"), .character("c"), .left, .character("h")],
                        "Close it; what is chosen is kept"))
            )
        ]
    }

    let screen: ListScreen
    var selected = 0

    init(screen: ListScreen) { self.screen = screen }

    var scope: Scope { .columns }
    var overlay: Overlay { .columns(self) }

    func count(_ console: ConsoleState) -> Int { screen.columns.count }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        let column = screen.columns[selected]
        let title = column.title.string
        switch command {
        case .close: return .closes([console.shell.keepTables])
        case .choose: toggle(title, &console.shell)
        case .narrower, .wider:
            let before = console.shell.lists.tables[screen]?.widths[title] ?? console.width(of: self)
            let allowed = TableShown.widthsAllowed
            let width = before + (command == .narrower ? -2 : 2)
            console.shell.lists.tables[screen, default: TableShown()].widths[title] =
                min(max(allowed.lowerBound, width), allowed.upperBound)
        case .naturalWidth: console.shell.lists.tables[screen]?.widths[title] = nil
        case .sort:
            guard let sort = column.sort else { break }
            let (name, ascending) = console.orderShown
            return .stays(
                console.sort(
                    screen, by: sort, ascending: name == sort ? !ascending : column.startsAscending))
        default: move(command, console)
        }
        return .stays([])
    }

    private func toggle(_ title: String, _ shell: inout Shell) {
        if selected == 0 {
            shell.say("The first column always stands: it says whose row it is.", .warning)
        } else if shell.lists.tables[screen]?.hidden.contains(title) == true {
            shell.lists.tables[screen]?.hidden.remove(title)
        } else {
            shell.lists.tables[screen, default: TableShown()].hidden.insert(title)
        }
        shell.lists.shifts[screen] = nil
    }

    /// What ends an impersonation ends it from anywhere; the export is of the list that lies below.
    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        let command = console.shell.keys.command(for: key, in: console.scope)
        if let command, [.endImpersonation, .export].contains(command) {
            return .closes([console.shell.keepTables] + console.perform(command))
        }
        let close = console.shell.keys.label(of: .close, in: .columns)
        console.say("\(key.label) is no key of the columns; \(close) closes them.", .warning)
        return .stays([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        ColumnsView(self, state: console).draw(into: &canvas)
        return nil
    }
}
