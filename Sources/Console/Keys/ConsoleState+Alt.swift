import Terminal

extension ConsoleState {
    /// Whether a key with Alt means something here; else it was an escape with another key right after it.
    func takesAlt(_ key: Key) -> Bool {
        if isTyping, TextField.edits(key) { return true }
        return shell.keys.command(for: key, in: shell.overlays.isEmpty ? scope : .audit) != nil
    }

    /// Whether keys go into a line of text.
    var isTyping: Bool {
        switch shell.overlays.last {
        case .help(let help): help.search != nil
        case .palette, .impersonation, .form, .export: true
        case .confirm(let confirm): confirm.reason != nil || confirm.typed != nil
        case .themes, .token, .menu, .record, .evidence, .columns, .pick, .frequency, .waiting:
            false
        case nil: filterTarget != nil
        }
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
