/// An escape in a JSON text (RFC 8259, section 7).
package enum JSONEscape {
    /// What is wrong with one.
    package enum Malformed: Error {
        /// The text ends in it.
        case end
        /// There is no such escape.
        case unknown
        /// One half of a pair of surrogates.
        case half
    }

    /// Appends the character that the bytes behind a backslash stand for, and moves the position behind them.
    package static func read(
        _ bytes: ArraySlice<UInt8>, at position: inout Int, into units: inout [UInt8]
    ) throws(Malformed) {
        guard position < bytes.endIndex else { throw .end }
        let byte = bytes[position]
        position += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/": units.append(byte)
        case "n": units.append(0x0A)
        case "r": units.append(0x0D)
        case "t": units.append(0x09)
        case "b": units.append(0x08)
        case "f": units.append(0x0C)
        case "u":
            var code = try hexadecimal(bytes, at: &position)
            if (0xD800..<0xDC00).contains(code) {
                guard bytes[position...].starts(with: #"\u"#.utf8) else { throw .half }
                position += 2
                let low = try hexadecimal(bytes, at: &position)
                guard (0xDC00..<0xE000).contains(low) else { throw .half }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw .half }
            units += String(scalar).utf8
        default: throw .unknown
        }
    }

    private static func hexadecimal(
        _ bytes: ArraySlice<UInt8>, at position: inout Int
    ) throws(Malformed) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.endIndex,
                let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw .unknown }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
