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
