/// Writes JSON texts as bytes that no terminal obeys: what it might obey or hide is written `\u0000`.
package enum JSONText {
    /// Appends a text with its quotation marks.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy(isPlain) {
            bytes += text.utf8
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a text, or null.
    package static func append(_ text: String?, to bytes: inout [UInt8]) {
        guard let text else {
            bytes += "null".utf8
            return
        }
        append(text, to: &bytes)
    }

    /// A text with its quotation marks.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// JSON from elsewhere, whose texts may hold raw characters that a terminal would obey; between its texts a break or a
    /// tab is a blank.
    package static func harmless(_ json: String) -> String {
        var result = ""
        var isText = false
        var isEscaped = false
        for scalar in json.unicodeScalars {
            if !isText, scalar == "\n" || scalar == "\r" || scalar == "\t" {
                result += " "
                continue
            }
            if scalar == "\"", !isEscaped { isText.toggle() }
            isEscaped = isText && scalar == "\\" && !isEscaped
            if isHazardous(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Tells whether a terminal might obey or hide the character: controls, formats such as bidi overrides, and the like.
    package static func isHazardous(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            true
        // Letters and marks that draw nothing.
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// Printable ASCII that JSON needs no escape for.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        case "\n": bytes += "\\n".utf8
        case "\r": bytes += "\\r".utf8
        case "\t": bytes += "\\t".utf8
        case _ where isHazardous(scalar): bytes += escape(scalar).utf8
        default: bytes += String(scalar).utf8
        }
    }

    /// The character as one or two `\u0000`.
    package static func escape(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
