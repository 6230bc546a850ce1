import Terminal

extension Key {
    /// The key as the bottom line and the help write it.
    var label: DisplayText {
        switch self {
        case .character(" "): "space"
        case .character(let character): DisplayText(String(character))
        case .control(let character): "^\(String(character))"
        case .alt("\u{7F}"): "M-⌫"
        case .alt(let character): "M-\(String(character))"
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

extension DisplayText {
    /// A key, or a sentence of Piste's own that names one, in words where its picture cannot be drawn.
    func spelledOut(where glyphs: Glyphs) -> DisplayText {
        guard glyphs.isASCII else { return self }
        switch self {
        case "⏎": return "enter"
        case "↑↓": return "up/down"
        case "↑": return "up"
        case "↓": return "down"
        case "←": return "left"
        case "→": return "right"
        case "⇧tab": return "shift-tab"
        case "⌫": return "backspace"
        default:
            guard string.contains("⏎") else { return self }
            return DisplayText(
                string.split(separator: "⏎", omittingEmptySubsequences: false).joined(separator: "enter"))
        }
    }
}
