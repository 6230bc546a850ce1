import CLibpq

/// Parameters laid out as libpq takes them: types, lengths and formats, and the values in one piece of
/// memory.
struct ParameterList {
    private var types: [Oid] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var offsets: [Int?] = []
    private var memory: [UInt8] = []

    init(_ parameters: [Parameter]) throws(PostgresError) {
        for parameter in parameters {
            switch parameter {
            case .null: appendNull()
            case .text(let text): try append(text: text)
            case .int(let number):
                append(literal: String(number), type: Int32(exactly: number) == nil ? 20 : 23)
            case .bool(let truth): append(literal: truth ? "t" : "f", type: 16)
            case .double(let number): append(literal: Self.text(number), type: 701)
            case .bytes(let bytes): append(bytes: bytes, type: 17, format: 1)
            }
        }
    }

    /// Calls `body` with count, types, values, lengths and formats, valid only during the call.
    func withPointers<Value>(
        _ body: (Int32, [Oid], [UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
    ) -> Value {
        memory.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return body(Int32(types.count), types, values, lengths, formats)
        }
    }

    private mutating func appendNull() {
        types.append(0)
        lengths.append(0)
        formats.append(0)
        offsets.append(nil)
    }

    private mutating func append(text: String) throws(PostgresError) {
        guard !text.utf8.contains(0) else {
            throw PostgresError(
                .misuse, "a text parameter holds a NUL character, which PostgreSQL cannot store",
                sqlState: "22021")
        }
        append(literal: text, type: 0)
    }

    private mutating func append(literal: String, type: Oid) {
        append(bytes: Array(literal.utf8), type: type, format: 0)
    }

    private mutating func append(bytes: [UInt8], type: Oid, format: Int32) {
        types.append(type)
        lengths.append(Int32(truncatingIfNeeded: bytes.count))
        formats.append(format)
        offsets.append(memory.count)
        memory += bytes
        memory.append(0)
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return String(number)
    }
}
