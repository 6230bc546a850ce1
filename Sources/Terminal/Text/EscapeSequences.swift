extension String {
    /// The text without the sequences that would command a terminal, swallowed whole as ECMA-48 bounds them.
    ///
    /// A string (OSC, DCS, SOS, PM, APC) ends with BEL or ST, and where its end got lost at the next control character.
    package var withoutEscapeSequences: String {
        var kept = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar.value {
            case 0x1B: rest.dropSequence(introducedBy: rest.popFirst())
            // The same introducers as single characters.
            case 0x9B: rest.dropControlSequence()
            case 0x90, 0x98, 0x9D...0x9F: rest.dropControlString()
            default: kept.append(scalar)
            }
        }
        return String(kept)
    }
}

extension Substring.UnicodeScalarView {
    /// Drops what follows an escape and the character behind it.
    fileprivate mutating func dropSequence(introducedBy introducer: Unicode.Scalar?) {
        switch introducer {
        case "[": dropControlSequence()
        case "]", "P", "X", "^", "_": dropControlString()
        case "O": _ = popFirst()
        case let other? where (0x20...0x2F).contains(other.value):
            while let next = first, (0x20...0x2F).contains(next.value) { removeFirst() }
            _ = popFirst()
        // A line's end is the text's own.
        case let other? where other.value < 0x20: insert(other, at: startIndex)
        default: break
        }
    }

    fileprivate mutating func dropControlSequence() {
        while let next = first, (0x20...0x3F).contains(next.value) { removeFirst() }
        if let last = first, (0x40...0x7E).contains(last.value) { removeFirst() }
    }

    fileprivate mutating func dropControlString() {
        while let next = first, next.value >= 0x20, !(0x7F...0x9F).contains(next.value) { removeFirst() }
        switch first?.value {
        case 0x07, 0x9C: removeFirst()
        case 0x1B where dropFirst().first == "\\": removeFirst(2)
        default: break
        }
    }
}
