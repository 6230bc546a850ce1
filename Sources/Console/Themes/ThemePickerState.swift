import Terminal

/// The theme picker; what is selected is on screen at once.
struct ThemePickerState: ChoosingLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .themes,
                .of(
                    [KeyBinding(.choose, [.enter], "keep", "Keep the theme that is on screen", rank: 1)],
                    .choosing("preview"),
                    .closing("as before", by: [.character("q")], "Go back to the theme before"))
            )
        ]
    }

    var selected: Int
    /// The theme to go back to.
    var before: String

    var scope: Scope { .themes }
    var overlay: Overlay { .themes(self) }

    func count(_ console: ConsoleState) -> Int { console.shell.looks.themes.count }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        switch command {
        case .choose: return .closes([.terminal(.useTheme(console.theme, keep: true))])
        case .close:
            console.theme = before
            return .closes([.terminal(.useTheme(before, keep: false))])
        default:
            move(command, console)
            let themes = console.shell.looks.themes
            guard themes.indices.contains(selected), themes[selected] != console.theme else {
                return .stays([])
            }
            console.theme = themes[selected]
            return .stays([.terminal(.useTheme(themes[selected], keep: false))])
        }
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        ThemePickerView(self, themes: console.looks.themes, keys: console.keys).draw(into: &canvas)
        return nil
    }
}

extension ConsoleState {
    /// Takes in which themes there are now; an open picker stays on the theme that it was on.
    mutating func take(themes new: [String]) {
        for index in shell.overlays.indices {
            guard case .themes(var picker) = shell.overlays[index],
                shell.looks.themes.indices.contains(picker.selected)
            else {
                continue
            }
            picker.selected = new.firstIndex(of: shell.looks.themes[picker.selected]) ?? 0
            shell.overlays[index] = .themes(picker)
        }
        shell.looks.themes = new
    }
}
