/// What the TOML parser would end the program for, instead of saying so; it is looked for before that sees a file.
///
/// That is a header that begins with what can begin no key (`[!]`), and a brace that closes an array (`[1, }`).
package struct TOMLHazards {
    private var rest: Substring.UTF8View
    private var line = 1

    /// The line, from 1, of the first of them; nil where there is none.
    package static func line(in text: String) -> Int? {
        var hazards = TOMLHazards(rest: text[...].utf8)
        return hazards.first()
    }

    private mutating func first() -> Int? {
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "["): if !isHeader() { return line }
            case UInt8(ascii: "#"): skipLine()
            case _ where Self.breaksLine(byte): continue
            case UInt8(ascii: " "), UInt8(ascii: "\t"): continue
            default:
                if !skipsStatement(from: byte) { return line }
                continue
            }
            skipLine()
        }
        return nil
    }

    /// Whether a key, or the closing bracket that the parser refuses by itself, follows the opening one.
    private mutating func isHeader() -> Bool {
        if rest.first == UInt8(ascii: "[") { rest.removeFirst() }
        while let byte = rest.first, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
            rest.removeFirst()
        }
        guard let byte = rest.first else { return true }
        return byte == UInt8(ascii: "]") || Self.beginsKey(byte)
    }

    /// Goes behind a key and its value, which may be on several lines; false when a brace closes an array there.
    private mutating func skipsStatement(from first: UInt8) -> Bool {
        var open: [UInt8] = []
        var byte: UInt8? = first
        while let current = byte {
            switch current {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(current)
            case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(current)
            case UInt8(ascii: "}") where open.last == UInt8(ascii: "["): return false
            case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = open.popLast()
            case UInt8(ascii: "#"):
                skipLine()
                if open.isEmpty { return true }
            case _ where Self.breaksLine(current): if open.isEmpty { return true }
            default: break
            }
            byte = next()
        }
        return true
    }

    /// Goes behind a string, whose first quote was read.
    private mutating func skipString(_ quote: UInt8) {
        let isLong = rest.starts(with: [quote, quote])
        if isLong { rest.removeFirst(2) }
        while let byte = rest.first {
            if !isLong, Self.breaksLine(byte) { return }
            _ = next()
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") { _ = next() }
            guard byte == quote else { continue }
            if !isLong { return }
            if rest.starts(with: [quote, quote]) {
                rest.removeFirst(2)
                // Two more quotes may belong to the text.
                while rest.first == quote { rest.removeFirst() }
                return
            }
        }
    }

    private mutating func skipLine() {
        while let byte = next(), !Self.breaksLine(byte) {}
    }

    private mutating func next() -> UInt8? {
        guard let byte = rest.popFirst() else { return nil }
        if byte == UInt8(ascii: "\n") { line += 1 }
        return byte
    }

    private static func breaksLine(_ byte: UInt8) -> Bool { (0x0a...0x0d).contains(byte) }

    private static func beginsKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        default: false
        }
    }
}
