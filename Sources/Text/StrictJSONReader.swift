/// Reads one JSON document (RFC 8259) from its first byte to its last; throws at the first that is not strict.
struct StrictJSONReader {
    struct Malformed: Error {}

    private static let deepest = 8

    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(Malformed) -> StrictJSON {
        skipSpace()
        let value = try value(depth: 1)
        skipSpace()
        guard position == bytes.count else { throw Malformed() }
        return value
    }

    private mutating func value(depth: Int) throws(Malformed) -> StrictJSON {
        guard let byte = current, depth <= Self.deepest else { throw Malformed() }
        switch Unicode.Scalar(byte) {
        case "{": return .object(try members(depth))
        case "[": return .array(try elements(depth))
        case "\"": return .text(try text())
        case "t": return try word("true", .truth(true))
        case "f": return try word("false", .truth(false))
        case "n": return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func members(_ depth: Int) throws(Malformed) -> [String: StrictJSON] {
        position += 1
        skipSpace()
        var members: [String: StrictJSON] = [:]
        if take("}") { return members }
        repeat {
            skipSpace()
            let key = try text()
            skipSpace()
            guard take(":"), members[key] == nil else { throw Malformed() }
            skipSpace()
            members[key] = try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw Malformed() }
        return members
    }

    private mutating func elements(_ depth: Int) throws(Malformed) -> [StrictJSON] {
        position += 1
        skipSpace()
        var elements: [StrictJSON] = []
        if take("]") { return elements }
        repeat {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw Malformed() }
        return elements
    }

    private mutating func word(_ word: String, _ value: StrictJSON) throws(Malformed) -> StrictJSON {
        guard bytes[position...].starts(with: word.utf8) else { throw Malformed() }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(Malformed) -> Double {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite
        else { throw Malformed() }
        return number
    }

    private mutating func digits() throws(Malformed) {
        let start = position
        while let byte = current, (48...57).contains(byte) { position += 1 }
        guard position > start else { throw Malformed() }
    }

    private mutating func text() throws(Malformed) -> String {
        guard take("\"") else { throw Malformed() }
        var units: [UInt8] = []
        while let byte = current {
            position += 1
            switch Unicode.Scalar(byte) {
            case "\"":
                guard let text = String(validating: units, as: UTF8.self) else { throw Malformed() }
                return text
            case "\\": try escape(into: &units)
            case _ where byte < 0x20: throw Malformed()
            default: units.append(byte)
            }
        }
        throw Malformed()
    }

    private mutating func escape(into units: inout [UInt8]) throws(Malformed) {
        do throws(JSONEscape.Malformed) {
            try JSONEscape.read(bytes[...], at: &position, into: &units)
        } catch {
            throw Malformed()
        }
        // A zero would end the text early for whoever reads it in C.
        guard units.last != 0 else { throw Malformed() }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }
}
