import Postgres

/// A row that knows its table and how COPY reads it.
protocol ImportedRow: Sendable {
    static var table: String { get }
    static var columns: [String] { get }

    func write(to text: inout CopyText)
}

/// Rows in the text form that COPY reads, one after the other in one buffer.
struct CopyText {
    private(set) var bytes: [UInt8] = []
    private var isAtStart = true

    /// Adds a text, with what COPY reserves escaped, or NULL.
    mutating func add(_ text: String?) {
        separate()
        guard let text else { return bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")] }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            default: bytes.append(byte)
            }
        }
    }

    /// Adds a whole number.
    mutating func add(_ number: Int64) {
        separate()
        bytes += String(number).utf8
    }

    /// Adds a moment, or NULL.
    mutating func add(_ moment: Timestamp?) {
        add(moment?.description)
    }

    /// Ends the row.
    mutating func endRow() {
        bytes.append(UInt8(ascii: "\n"))
        isAtStart = true
    }

    /// Gives what was written and begins anew.
    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func separate() {
        if !isAtStart { bytes.append(UInt8(ascii: "\t")) }
        isAtStart = false
    }
}
