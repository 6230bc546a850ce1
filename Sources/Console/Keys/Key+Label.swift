import Terminal

extension Key {
    /// The key as the bottom line and the help write it.
    var label: DisplayText {
        switch self {
        case .character(" "): "space"
        case .character(let character): DisplayText(String(character))
        case .control(let character): "^\(String(character))"
        case .function(let number): "F\(String(number))"
        case .enter: "⏎"
        case .escape: "esc"
        case .tab: "tab"
        case .backTab: "⇧tab"
        case .backspace: "⌫"
        case .delete: "del"
        case .insert: "ins"
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        case .home: "home"
        case .end: "end"
        case .pageUp: "pgup"
        case .pageDown: "pgdn"
        }
    }
}
