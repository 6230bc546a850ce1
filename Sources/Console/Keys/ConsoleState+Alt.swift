import Terminal

extension ConsoleState {
    /// Whether a key with Alt means something here; else it was an escape with another key right after it.
    func takesAlt(_ key: Key) -> Bool {
        if isTyping, TextField.edits(key) { return true }
        return shell.keys.command(for: key, in: shell.overlays.last?.layer.scope ?? scope) != nil
    }

    /// Whether keys go into a line of text.
    var isTyping: Bool {
        shell.overlays.last?.layer.isTyping ?? (filterTarget != nil)
    }
}

extension Key {
    /// The digit that was pressed, with or without Alt.
    var digit: Int? {
        switch self {
        case .character(let character), .alt(let character): character.wholeNumberValue
        default: nil
        }
    }

    /// The key without Alt; nil for a key that has none.
    var typedAfterEscape: Key? {
        guard case .alt(let character) = self else { return nil }
        return character == "\u{7F}" ? .backspace : .character(character)
    }
}
