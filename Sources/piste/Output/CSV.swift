import Terminal

/// Comma-separated values as RFC 4180 has them, with plain line feeds.
enum CSV {
    /// One line, without its end; on a terminal, text passes the gate.
    static func line(_ values: [Value], gated: Bool = StandardOutput.isTerminal) -> String {
        values.map { field($0, gated) }.joined(separator: ",")
    }

    private static func field(_ value: Value, _ gated: Bool) -> String {
        switch value {
        case .none: ""
        case .text(let text), .json(let text): quoted(gated ? String(displaying: text) : text)
        case .number(let number): String(number)
        case .truth(let truth): truth ? "true" : "false"
        case .moment(let date): Moment.exact(date)
        }
    }

    /// An empty text is quoted, so that it differs from no text.
    private static func quoted(_ text: String) -> String {
        let special: Set<UInt8> = [0x22, 0x2c, 0x0a, 0x0d]
        guard
            text.isEmpty || text.utf8.contains(where: special.contains) || text.hasPrefix(" ")
                || text.hasSuffix(" ")
        else { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.unicodeScalars.append("\"") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
