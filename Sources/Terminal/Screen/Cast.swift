/// A session as asciinema plays it (asciicast, version 2): every frame as the rows that are other than before.
package struct Cast: Sendable {
    private let title: DisplayText
    /// Seconds since 1970.
    private let startedAt: Int
    private var size: Size?
    private var rows: [String] = []

    package init(title: DisplayText, startedAt: Int) {
        self.title = title
        self.startedAt = startedAt
    }

    /// The lines for a frame that is shown so many seconds after the beginning; none where it looks like the one before.
    package mutating func lines(for canvas: Canvas, _ theme: Theme, at seconds: Double) -> [String] {
        var lines: [String] = []
        var output = ""
        if size == nil {
            lines.append(
                "{\"version\": 2, \"width\": \(canvas.size.columns), \"height\": \(canvas.size.rows), "
                    + "\"timestamp\": \(startedAt), \"title\": \(title.string.doubleQuoted), "
                    + "\"env\": {\"TERM\": \"xterm-256color\"}}")
        } else if size != canvas.size {
            lines.append(event("r", "\(canvas.size.columns)x\(canvas.size.rows)", at: seconds))
        }
        if size != canvas.size {
            output = "\u{1B}[?25l\u{1B}[0m\u{1B}[2J"
            rows = Array(repeating: "", count: canvas.size.rows)
            size = canvas.size
        }
        for row in 0..<canvas.size.rows {
            let drawn = Self.drawn(canvas, row, theme)
            guard drawn != rows[row] else { continue }
            rows[row] = drawn
            output += "\u{1B}[\(row + 1);1H" + drawn
        }
        if !output.isEmpty { lines.append(event("o", output, at: seconds)) }
        return lines
    }

    /// That the session is over.
    package func end(at seconds: Double) -> String { event("m", Self.over, at: seconds) }

    /// The marker of the end.
    package static let over = "over"

    private func event(_ kind: String, _ data: String, at seconds: Double) -> String {
        let thousandths = max(0, Int((seconds * 1000).rounded()))
        let rest = String(1000 + thousandths % 1000).dropFirst()
        return "[\(thousandths / 1000).\(rest), \"\(kind)\", \(data.doubleQuoted)]"
    }

    /// A row with its colours, from its first cell to its last.
    private static func drawn(_ canvas: Canvas, _ row: Int, _ theme: Theme) -> String {
        var drawn = ""
        var style: Style?
        for column in 0..<canvas.size.columns {
            let cell = canvas[row, column]
            if cell.style != style {
                style = cell.style
                drawn += sequence(for: cell.style, theme)
            }
            drawn += cell.text
        }
        return drawn
    }

    private static func sequence(for style: Style, _ theme: Theme) -> String {
        let (foreground, background) = theme.paints(style, .direct)
        let modifiers = style.modifiers.union(theme[style.role].modifiers)
        var codes = ["0"]
        for (modifier, code) in [
            (Style.Modifiers.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.reverse, "7"),
        ] where modifiers.contains(modifier) { codes.append(code) }
        if let rgb = foreground.rgb { codes.append("38;2;\(rgb.red);\(rgb.green);\(rgb.blue)") }
        if let rgb = background.rgb { codes.append("48;2;\(rgb.red);\(rgb.green);\(rgb.blue)") }
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }
}

extension Cast {
    /// Whether what a recording would write to a terminal is only what one writes: text, colours and places.
    package static func isHarmless(_ output: String) -> Bool {
        var rest = output.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar != "\u{1B}" else {
                guard rest.popFirst() == "[" else { return false }
                while let next = rest.first, next == ";" || next == "?" || ("0"..."9").contains(next) {
                    rest.removeFirst()
                }
                guard let final = rest.popFirst(), "HmJl".unicodeScalars.contains(final) else { return false }
                continue
            }
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) { return false }
        }
        return true
    }
}
