/// Where the keys of a TOML file stand: the parser tells lines only of broken syntax.
package struct TOMLText: Sendable {
    private var lines: [String: Int] = [:]

    package init(_ text: String) {
        var table = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let written = line.drop { $0 == " " || $0 == "\t" }
            if written.first == "[" {
                table = Self.path(written.drop { $0 == "[" }.prefix { $0 != "]" })
                note(table, index + 1)
            } else if let equals = written.firstIndex(of: "="), written.first != "#" {
                let key = Self.path(written[..<equals])
                note(table.isEmpty ? key : "\(table).\(key)", index + 1)
            }
        }
    }

    /// The line, from 1, of a key by its dotted path; that of the nearest table around it when it has none of its own.
    package func line(of path: String) -> Int? {
        var rest = path[...]
        while true {
            if let line = lines[String(rest)] { return line }
            guard let dot = rest.lastIndex(of: ".") else { return nil }
            rest = rest[..<dot]
        }
    }

    private mutating func note(_ path: String, _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }

    private static func path(_ written: Substring) -> String {
        written.filter { !" \t\"'\r".contains($0) }
    }
}
