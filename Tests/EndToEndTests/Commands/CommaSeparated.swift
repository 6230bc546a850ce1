/// Reads comma-separated values as RFC 4180 has them, to see whether what was written can be read again.
enum CommaSeparated {
    /// All lines, the titles among them.
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"" where isQuoted && scalars.first == "\"":
                field.unicodeScalars.append(scalar)
                scalars.removeFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(field)
                field = ""
            case "\n" where !isQuoted:
                rows.append(row + [field])
                row = []
                field = ""
            default: field.unicodeScalars.append(scalar)
            }
        }
        return rows
    }

    /// The values of one column, below its title.
    static func column(_ title: String, of text: String) -> [String] {
        let rows = rows(text)
        guard let index = rows.first?.firstIndex(of: title) else { return [] }
        return rows.dropFirst().map { $0.indices.contains(index) ? $0[index] : "" }
    }
}
