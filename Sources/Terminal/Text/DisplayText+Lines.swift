extension DisplayText {
    /// The lines of a text from outside, each through the gate; at most `limit` of them.
    package static func lines(of untrusted: String, limit: Int = 1_000) -> [DisplayText] {
        guard !untrusted.isEmpty, limit > 0 else { return [] }
        var lines: [DisplayText] = []
        var rest = untrusted.unicodeScalars[...]
        while lines.count < limit {
            guard let end = rest.firstIndex(of: "\n") else {
                lines.append(DisplayText(String(rest)))
                break
            }
            let line = rest[..<end]
            lines.append(DisplayText(String(line.last == "\r" ? line.dropLast() : line)))
            rest = rest[rest.index(after: end)...]
        }
        return lines
    }

    /// The text in lines of `width` columns, with every blank where it was; at most `limit` of them.
    ///
    /// Each character is looked at once, however long the text is.
    package func cut(to width: Int, limit: Int = .max) -> [DisplayText] {
        guard width > 0, limit > 0 else { return [] }
        guard columns > width else { return [self] }
        var lines: [DisplayText] = []
        if isASCII {
            var rest = string.utf8[...]
            while !rest.isEmpty, lines.count < limit {
                let line = rest.prefix(width)
                lines.append(DisplayText(safe: String(Substring(line)), columns: line.count))
                rest = rest[line.endIndex...]
            }
            return lines
        }
        var line = ""
        var used = 0
        for glyph in glyphs {
            if used > 0, used + glyph.columns > width {
                lines.append(DisplayText(safe: line, columns: used))
                guard lines.count < limit else { return lines }
                (line, used) = ("", 0)
            }
            line += glyph.text
            used += glyph.columns
        }
        lines.append(DisplayText(safe: line, columns: used))
        return lines
    }

    /// The text broken between words into lines of at most `width` columns; a longer word is broken where it must be.
    package func wrapped(to width: Int) -> [DisplayText] {
        guard width > 0 else { return [] }
        guard columns > width else { return [self] }
        var lines: [DisplayText] = []
        var line = DisplayText.empty
        for part in string.split(separator: " ", omittingEmptySubsequences: false) {
            var word = DisplayText(String(part))
            if !line.isEmpty, line.columns + 1 + word.columns <= width {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while word.columns > width {
                let head = word.prefix(columns: width)
                guard !head.isEmpty else { return lines }
                lines.append(head)
                word = DisplayText(
                    safe: String(word.string.unicodeScalars.dropFirst(head.string.unicodeScalars.count)),
                    columns: word.columns - head.columns)
            }
            line = word
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}

extension String {
    /// Text from outside as it may be printed to a terminal by a program that draws no screen.
    package init(displaying untrusted: String) {
        self = DisplayText(untrusted).string
    }
}
