import Terminal

/// The list of keys: read, or searched for a line to be done.
struct HelpState: ScrolledLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .help,
                .of(
                    [
                        KeyBinding(
                            .filter, [.character("/"), .control("s")], "search", "Find a line by its words",
                            rank: 1)
                    ], .reading("scroll"),
                    .closing(
                        "close", by: [.enter, .character("q"), .character("?"), .function(1)], "Close it"))
            ),
            (
                .helpSearch,
                .of(
                    [KeyBinding(.choose, [.enter], "do it", "Do what the line says", rank: 1)], .besideText,
                    [
                        KeyBinding(.complete, [.tab], "next", "Go to the next line that fits"),
                        KeyBinding(.previousField, [.backTab], "before", "Go to the line before"),
                    ], .closing("all keys", "List all the keys again"))
            ),
        ]
    }

    var top = 0
    /// What is searched for; nil while the list is only read.
    var search: TextField?
    var selected = 0

    var scope: Scope { search == nil ? .help : .helpSearch }
    var overlay: Overlay { .help(self) }

    func last(_ console: ConsoleState) -> Int { HelpView.last(for: console) }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        guard let search else {
            switch command {
            case .close: return .closes([])
            case .filter: search = TextField(limit: 60)
            default: scroll(command, console)
            }
            return .stays([])
        }
        let found = HelpView.found(search.text, for: console)
        switch command {
        case .close:
            self.search = nil
            selected = 0
        case .choose:
            guard found.indices.contains(selected) else { break }
            return .closes(console.perform(found[selected].command))
        case .down, .complete: selected = min(selected + 1, max(0, found.count - 1))
        case .up, .previousField: selected = max(0, selected - 1)
        default: break
        }
        return .stays([])
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        if search?.take(key) == true { selected = 0 }
        return .stays([])
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        search?.paste(text)
        return []
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        HelpView(console, self).draw(into: &canvas)
    }
}
