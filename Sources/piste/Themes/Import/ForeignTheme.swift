import TOMLKit
import Terminal

/// A theme of another program as flat keys and texts: `colors.primary.background` is `#1d1f21`.
struct ForeignTheme {
    /// Whose theme it is.
    enum Format: String, CaseIterable {
        case base16, helix, alacritty
    }

    let format: Format
    private let values: [String: String]

    /// The longest file that is read, in bytes.
    static let longest = 1 << 18

    /// Reads a theme; nil when it is none of the formats, or not the one that was named.
    init?(_ text: String, as wanted: Format? = nil) {
        guard text.utf8.count <= Self.longest else { return nil }
        values = Self.fromTOML(text) ?? Self.fromYAML(text)
        let keys = values
        func has(_ key: String) -> Bool { keys[key] != nil }
        let found: Format? =
            if has("base00") || has("palette.base00") || has("colors.base00") {
                .base16
            } else if has(
                "colors.primary.background")
            {
                .alacritty
            } else if has("ui.background") || has("ui.background.bg") || has("ui.text")
                || has("ui.text.fg")
            { .helix } else { nil }
        guard let found, wanted == nil || wanted == found else { return nil }
        format = found
    }

    /// A colour by the first of the keys that has one.
    func color(_ keys: String...) -> RGB? {
        keys.lazy.compactMap { key in values[key].flatMap { rgb($0) } }.first
    }

    /// A colour as the format writes it: `#1d1f21`, `0x1d1f21`, `1d1f21`, or a name of the palette.
    private func rgb(_ text: String, depth: Int = 0) -> RGB? {
        let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text
        if let color = RGB(hex: digits.hasPrefix("#") ? digits : "#" + digits) { return color }
        guard format == .helix, depth < 2 else { return nil }
        return values["palette." + text].flatMap { rgb($0, depth: depth + 1) }
    }

    private static func fromTOML(_ text: String) -> [String: String]? {
        guard TOMLHazards.line(in: text) == nil, let table = try? TOMLTable(string: text) else {
            return nil
        }
        var values: [String: String] = [:]
        collect(table, under: "", into: &values, depth: 0)
        return values.isEmpty ? nil : values
    }

    private static func collect(
        _ table: TOMLTable, under path: String, into values: inout [String: String], depth: Int
    ) {
        guard depth < 8 else { return }
        for key in table.keys {
            let place = path.isEmpty ? key : path + "." + key
            if let text = table[key]?.string {
                values[place] = text
            } else if let inner = table[key]?.table {
                collect(inner, under: place, into: &values, depth: depth + 1)
            }
        }
    }

    /// The little of YAML that such files are made of: keys with texts, nested by their indentation.
    private static func fromYAML(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        var path: [(indent: Int, key: String)] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let indent = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(indent)
            guard rest.first != "#", rest.first != "-", let colon = rest.firstIndex(of: ":") else { continue }
            let key = unquoted(rest[..<colon])
            path.removeAll { $0.indent >= indent }
            let value = unquoted(withoutComment(rest[rest.index(after: colon)...]))
            if value.isEmpty {
                path.append((indent, key))
            } else {
                values[(path.map(\.key) + [key]).joined(separator: ".")] = value
            }
        }
        return values
    }

    private static func withoutComment(_ text: Substring) -> Substring {
        guard let mark = text.firstRange(of: " #") else { return text }
        // A colour begins with the same sign: only behind a value it is a comment.
        return text[..<mark.lowerBound].allSatisfy(\.isWhitespace) ? text : text[..<mark.lowerBound]
    }

    private static func unquoted(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        if text.count >= 2, let mark = text.first, mark == text.last, mark == "\"" || mark == "'" {
            text = text.dropFirst().dropLast()
        }
        return String(text)
    }
}
