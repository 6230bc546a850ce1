import Terminal

extension TextField {
    /// Whether an Alt key edits; others are an escape and a key.
    static func edits(_ key: Key) -> Bool {
        switch key {
        case .alt("b"), .alt("f"), .alt("d"), .alt("\u{7F}"): true
        default: false
        }
    }

    /// Takes an editing key; says whether it was one.
    mutating func take(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .backspace, .control("h"): deleteBackward()
        case .delete, .control("d"): deleteForward()
        case .control("w"), .alt("\u{7F}"): deleteWord()
        case .alt("d"): deleteWordForward()
        case .control("u"): deleteToStart()
        case .control("k"): deleteToEnd()
        case .alt("b"): moveToWordStart()
        case .alt("f"): moveToWordEnd()
        case .left, .control("b"): move(by: -1)
        case .right, .control("f"): move(by: 1)
        case .home, .control("a"): moveToStart()
        case .end, .control("e"): moveToEnd()
        default: return false
        }
        return true
    }

    /// Takes a paste as one line: breaks and tabs become spaces, escape sequences and other controls are dropped.
    mutating func paste(_ pasted: String) {
        var line = ""
        for scalar in String(pasted.unicodeScalars.prefix(4 * limit)).withoutEscapeSequences.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": if line.last != " " { line.append(" ") }
            case _ where scalar.properties.generalCategory == .control: continue
            default: line.unicodeScalars.append(scalar)
            }
        }
        insert(line.trimmingSpaces)
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var slice = self[...]
        while slice.first == " " { slice.removeFirst() }
        while slice.last == " " { slice.removeLast() }
        return String(slice)
    }
}
