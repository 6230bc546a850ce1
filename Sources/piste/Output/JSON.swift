import Tenancy

/// JSON text that is exact data and harmless on a terminal.
///
/// What a terminal might obey or hide is written `\u0000`.
enum JSON {
    static func object(_ keys: [String], _ values: [Value]) -> String {
        "{" + zip(keys, values).map { string($0) + ": " + text($1) }.joined(separator: ", ") + "}"
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .none: "null"
        case .text(let text): string(text)
        case .number(let number): String(number)
        case .truth(let truth): truth ? "true" : "false"
        case .moment(let date): string(date.exactText)
        case .json(let json): escaped(json)
        }
    }

    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: append(scalar, to: &result)
            }
        }
        return result + "\""
    }

    /// JSON from elsewhere, whose texts may hold raw characters that a terminal would obey; between its texts a break or a
    /// tab is a blank.
    static func escaped(_ json: String) -> String {
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
            append(scalar, to: &result)
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        guard isHazardous(scalar) else {
            result.unicodeScalars.append(scalar)
            return
        }
        for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    private static func isHazardous(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
