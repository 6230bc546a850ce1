import Terminal

/// Rows as lines of `name: value`, a blank line between two: nothing is drawn, cut or lined up, so that it can be listened to.
enum PlainText {
    /// Writes a row; the names stand before the values of every one.
    static func write(_ names: [String], _ values: [Value], isFirst: Bool) throws {
        if !isFirst { try StandardOutput.shared.line("") }
        for (name, value) in zip(names, values) { try write(name, value) }
    }

    private static func write(_ name: String, _ value: Value) throws {
        let name = String(displaying: name.split(separator: "_").joined(separator: " "))
        let lines =
            switch value {
            case .none: ["none"]
            case .text(let text), .json(let text): DisplayText.lines(of: text, limit: .max).map(\.string)
            default: [Table.text(value).string]
            }
        guard lines.count > 1 else { return try StandardOutput.shared.line("\(name): \(lines.first ?? "")") }
        try StandardOutput.shared.line("\(name):")
        for line in lines { try StandardOutput.shared.line("    \(line)") }
    }
}
