import Text

/// A strict reader of one JSON object whose values are texts, whole numbers and null.
///
/// Nothing that another reader could understand differently passes: no second value for a key, no lone surrogate, no broken
/// UTF-8, no fraction, nothing behind the object.
struct FlatJSON {
    enum Value: Hashable {
        case null
        case number(Int64)
        case text(String)
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private let line: Int

    private init(_ bytes: ArraySlice<UInt8>, line: Int) {
        self.bytes = bytes
        self.line = line
        position = bytes.startIndex
    }

    /// The object's values in their order; throws what is wrong with it.
    static func object(
        _ bytes: ArraySlice<UInt8>, line: Int
    ) throws(AuditFileError) -> [(key: String, value: Value)] {
        var reader = FlatJSON(bytes, line: line)
        let members = try reader.object()
        reader.skipSpace()
        guard reader.position == bytes.endIndex else {
            throw reader.error("there is something after the object")
        }
        return members
    }

    private mutating func object() throws(AuditFileError) -> [(key: String, value: Value)] {
        guard take("{") else { throw error("it is not a JSON object") }
        var members: [(key: String, value: Value)] = []
        if take("}") { return members }
        repeat {
            guard take("\"") else { throw error("a key is missing") }
            let key = try text()
            guard take(":") else { throw error("there is no value for the key \(key)") }
            guard !members.contains(where: { $0.key == key }) else {
                throw error("the key \(key) comes twice")
            }
            members.append((key, try value(of: key)))
        } while take(",")
        guard take("}") else { throw error("the JSON object does not end") }
        return members
    }

    private mutating func value(of key: String) throws(AuditFileError) -> Value {
        if take("\"") { return .text(try text()) }
        if bytes[position...].starts(with: "null".utf8) {
            position += 4
            return .null
        }
        let start = position
        while let byte = current, byte == UInt8(ascii: "-") || (48...57).contains(byte) { position += 1 }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        // Exactly one spelling for each number: no sign in front of zero, no leading zeros.
        guard let number = Int64(digits), String(number) == digits else {
            throw error("the value of \(key) is neither a text nor a whole number nor null")
        }
        if let byte = current, [".", "e", "E"].contains(Unicode.Scalar(byte)) {
            throw error("the value of \(key) is not a whole number")
        }
        return .number(number)
    }

    /// Reads on after a quotation mark up to the next one.
    private mutating func text() throws(AuditFileError) -> String {
        var units: [UInt8] = []
        while let byte = current {
            let start = position
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try valid(units)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &units)
            case ..<0x20: throw error("a text holds a raw control character")
            default:
                while let next = current, next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\")
                {
                    position += 1
                }
                units += bytes[start..<position]
            }
        }
        throw error("a text does not end")
    }

    private func valid(_ units: [UInt8]) throws(AuditFileError) -> String {
        guard let text = String(validating: units, as: UTF8.self) else { throw error("a text is not UTF-8") }
        return text
    }

    private mutating func escape(into units: inout [UInt8]) throws(AuditFileError) {
        do throws(JSONEscape.Malformed) {
            try JSONEscape.read(bytes, at: &position, into: &units)
        } catch {
            switch error {
            case .end: throw self.error("a text does not end")
            case .half: throw self.error("a text holds half of a character")
            case .unknown: throw self.error("a text holds an unknown escape")
            }
        }
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// Passes the mark and the spaces around it, if it comes next; not the spaces that a text begins with.
    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard takeRaw(mark) else { return false }
        if mark != "\"" { skipSpace() }
        return true
    }

    private mutating func takeRaw(_ mark: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private func error(_ what: String) -> AuditFileError { AuditFileError(line: line, what) }
}
