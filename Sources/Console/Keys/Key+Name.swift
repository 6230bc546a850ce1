import Terminal

extension Key {
    private static let named: [String: Key] = [
        "enter": .enter, "return": .enter, "esc": .escape, "escape": .escape, "tab": .tab,
        "backtab": .backTab, "shift-tab": .backTab, "backspace": .backspace, "delete": .delete,
        "del": .delete, "insert": .insert, "ins": .insert, "up": .up, "down": .down, "left": .left,
        "right": .right, "home": .home, "end": .end, "pageup": .pageUp, "pgup": .pageUp,
        "pagedown": .pageDown, "pgdn": .pageDown, "space": .character(" "),
    ]

    /// The keys that have a name.
    static let names = named.keys.sorted()

    /// The key as the configuration file writes it.
    var name: String {
        switch self {
        case .character(" "): "space"
        case .character(let character): String(character)
        case .control(let character): "^\(character)"
        case .alt(let character): "M-\(character)"
        case .function(let number): "F\(number)"
        case .enter: "enter"
        case .escape: "esc"
        case .tab: "tab"
        case .backTab: "backtab"
        case .backspace: "backspace"
        case .delete: "delete"
        case .insert: "insert"
        case .up: "up"
        case .down: "down"
        case .left: "left"
        case .right: "right"
        case .home: "home"
        case .end: "end"
        case .pageUp: "pageup"
        case .pageDown: "pagedown"
        }
    }

    /// Reads a key as the configuration file writes it: `x`, `^x`, `M-x`, `F2`, `pageup`; nil for what is none.
    ///
    /// Control with m, i, j, h or [ is what terminals send for enter, tab and the like, and means those.
    init?(name: String) {
        if name.count == 1, let character = name.first, !character.isWhitespace {
            self = .character(character)
            return
        }
        if let key = Self.named[name.lowercased()] {
            self = key
            return
        }
        for prefix in ["^", "C-", "ctrl-"] where name.hasPrefix(prefix) {
            guard let letter = Self.only(name.dropFirst(prefix.count)), letter.isASCII else { return nil }
            self = Self.control(lowercase: Character(letter.lowercased()))
            return
        }
        for prefix in ["M-", "alt-"] where name.hasPrefix(prefix) {
            guard let letter = Self.only(name.dropFirst(prefix.count)) else { return nil }
            self = .alt(letter)
            return
        }
        guard name.first == "F" || name.first == "f", let number = Int(name.dropFirst()),
            (1...63).contains(number)
        else { return nil }
        self = .function(number)
    }

    private static func only(_ text: Substring) -> Character? { text.count == 1 ? text.first : nil }

    private static func control(lowercase letter: Character) -> Key {
        switch letter {
        case "m", "j": .enter
        case "i": .tab
        case "h": .backspace
        case "[": .escape
        default: .control(letter)
        }
    }
}
