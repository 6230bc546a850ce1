extension DisplayText {
    package enum Alignment: Hashable, Sendable { case left, right, center }

    /// The beginning that fits in `limit` columns; a wide grapheme that would be cut in half stays out.
    package func prefix(columns limit: Int) -> DisplayText {
        guard limit < columns else { return self }
        guard limit > 0 else { return .empty }
        if isASCII { return DisplayText(safe: String(string.utf8.prefix(limit)) ?? "", columns: limit) }
        var kept = ""
        var used = 0
        for glyph in glyphs {
            guard used + glyph.columns <= limit else { break }
            kept += glyph.text
            used += glyph.columns
        }
        return DisplayText(safe: kept, columns: used)
    }

    /// The whole text, or as much of it as fits in `limit` columns together with a closing `…`.
    package func truncated(to limit: Int) -> DisplayText {
        truncated(to: limit, mark: "…")
    }

    func truncated(to limit: Int, mark: DisplayText) -> DisplayText {
        guard limit < columns else { return self }
        guard limit > 0 else { return .empty }
        return prefix(columns: limit - mark.columns) + mark
    }

    /// The text in exactly `width` columns: cut with `…` or filled up with blanks.
    package func padded(to width: Int, _ alignment: Alignment = .left) -> DisplayText {
        let fitted = truncated(to: width)
        let missing = max(0, width - fitted.columns)
        let before =
            switch alignment {
            case .left: 0
            case .right: missing
            case .center: missing / 2
            }
        return .blanks(before) + fitted + .blanks(missing - before)
    }

    /// As many blanks as asked for.
    package static func blanks(_ count: Int) -> DisplayText {
        DisplayText(safe: String(repeating: " ", count: max(0, count)), columns: max(0, count))
    }
}
