extension Canvas {
    /// The text of one row without the blanks at its end.
    package func text(row: Int) -> String {
        guard (0..<size.rows).contains(row) else { return "" }
        let line = cells[row * size.columns..<(row + 1) * size.columns].reduce(into: "") { $0 += $1.text }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// All rows, joined by newlines, each without the blanks at its end.
    package var text: String {
        (0..<size.rows).map { text(row: $0) }.joined(separator: "\n")
    }

    /// A picture of the styles: one letter a cell, `.` for plain text, and a legend below.
    package var styleMap: String {
        var letters: [Style: Character] = [.text: "."]
        var legend: [String] = []
        var names = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".makeIterator()
        var lines: [String] = []
        for row in 0..<size.rows {
            var line = ""
            for cell in cells[row * size.columns..<(row + 1) * size.columns] {
                if letters[cell.style] == nil {
                    let letter = names.next() ?? "?"
                    letters[cell.style] = letter
                    legend.append("\(letter) \(cell.style)")
                }
                line.append(letters[cell.style] ?? "?")
            }
            lines.append(line)
        }
        return (lines + legend).joined(separator: "\n")
    }
}

extension Style: CustomStringConvertible {
    /// For example `warn on selection, bold`.
    package var description: String {
        let names = Modifiers.named.filter { modifiers.contains($0.modifier) }.map(\.name)
        let ground = ground.map { " on \($0.rawValue)" } ?? ""
        return ([role.rawValue + ground] + names).joined(separator: ", ")
    }
}

extension Style.Modifiers {
    /// The modifiers by the names that themes give them.
    static let named: [(name: String, modifier: Style.Modifiers)] = [
        ("bold", .bold), ("italic", .italic), ("underline", .underline), ("reverse", .reverse), ("dim", .dim),
    ]
}
