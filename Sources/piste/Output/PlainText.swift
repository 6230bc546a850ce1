import Listing
import Terminal

/// Rows as lines of `name: value`, a blank line between two: nothing is drawn, cut or lined up, so that it can be listened to.
enum PlainText {
    /// Writes a row; the names stand before the values of every one.
    static func write(_ names: [String], _ values: [Value], isFirst: Bool) throws {
        if !isFirst { try StandardOutput.shared.line("") }
        for (name, value) in zip(names, values) {
            let name = name.split(separator: "_").joined(separator: " ")
            switch value {
            case .none: try write(name, "none")
            case .text(let text), .json(let text): try write(name, text)
            default:
                try StandardOutput.shared.line("\(String(displaying: name)): \(Table.text(value).string)")
            }
        }
    }

    /// Writes a value; one of several lines is indented under its name.
    ///
    /// The note stands behind the value, or behind the name where the value has lines of its own.
    static func write(_ name: String, _ text: String, note: String = "") throws {
        let lines = DisplayText.lines(of: text, limit: .max).map(\.string)
        let (heading, note) = (String(displaying: name) + ":", String(displaying: note))
        guard lines.count > 1 else {
            return try StandardOutput.shared.line("\(heading) \(lines.first ?? "")\(note)")
        }
        try StandardOutput.shared.line(heading + note)
        for line in lines { try StandardOutput.shared.line("    " + line) }
    }
}
