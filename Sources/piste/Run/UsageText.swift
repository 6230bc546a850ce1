/// The line in which a command's usage is told, folded between its parts: a terminal would fold it anywhere.
enum UsageText {
    private static let width = 80

    /// The text with every line of usage folded.
    static func folded(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let isUsage = line.hasPrefix("USAGE: ") || line.hasPrefix("Usage: ")
            return isUsage && line.count > width ? fold(line) : String(line)
        }.joined(separator: "\n")
    }

    private static func fold(_ line: Substring) -> String {
        let indent = String(repeating: " ", count: "USAGE: ".count + "piste ".count)
        var lines: [String] = []
        var current = ""
        for part in parts(of: line) {
            if !current.isEmpty, current.count + 1 + part.count > width {
                lines.append(current)
                current = indent + part
            } else {
                current += (current.isEmpty ? "" : " ") + part
            }
        }
        return (lines + [current]).joined(separator: "\n")
    }

    /// The words of a line; what stands in brackets is one.
    private static func parts(of line: Substring) -> [String] {
        var parts: [String] = []
        var depth = 0
        for word in line.split(separator: " ") {
            if depth > 0 { parts[parts.count - 1] += " " + word } else { parts.append(String(word)) }
            depth += word.count(where: { $0 == "[" }) - word.count(where: { $0 == "]" })
        }
        return parts
    }
}
