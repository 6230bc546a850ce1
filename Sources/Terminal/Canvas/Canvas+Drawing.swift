extension Canvas {
    /// Draws a border around `rect` with a title in its top line at the left and another at the right.
    ///
    /// The left title is cut when there is no room for it, the right one is left out.
    package mutating func box(
        _ rect: Rect, title: DisplayText? = nil, trailing: DisplayText? = nil, style: Style = Style(.border),
        trailingStyle: Style = .muted, titleStyle: Style = Style(.title)
    ) {
        guard rect.columns >= 2, rect.rows >= 2 else { return }
        let last = rect.endRow - 1
        let right = rect.endColumn - 1
        let area = clip(rect)
        for column in area.column..<area.endColumn {
            put(glyphs.horizontal, row: rect.row, column: column, style: style)
            put(glyphs.horizontal, row: last, column: column, style: style)
        }
        for row in area.row..<area.endRow {
            put(glyphs.vertical, row: row, column: rect.column, style: style)
            put(glyphs.vertical, row: row, column: right, style: style)
        }
        put(glyphs.topLeft, row: rect.row, column: rect.column, style: style)
        put(glyphs.topRight, row: rect.row, column: right, style: style)
        put(glyphs.bottomLeft, row: last, column: rect.column, style: style)
        put(glyphs.bottomRight, row: last, column: right, style: style)
        var room = rect.columns - 2
        if let trailing, !trailing.isEmpty {
            let needed = trailing.columns + 2
            if needed + (title.map { min($0.columns, 8) + 3 } ?? 0) <= room {
                room -= needed + 1
                write(
                    " " + trailing + " ", row: rect.row, column: right - needed,
                    style: trailingStyle.on(style.ground))
            }
        }
        if let title, !title.isEmpty, room > 4 {
            write(
                " " + title.truncated(to: room - 2, mark: glyphs.ellipsis) + " ", row: rect.row,
                column: rect.column + 1, style: titleStyle)
        }
    }

    /// Draws a bar of `▰` and `▱` that is `fraction` (0 to 1) full; anything above zero shows, anything below one too.
    package mutating func bar(
        _ fraction: Double, row: Int, column: Int, width: Int, style: Style = Style(.accent),
        emptyStyle: Style = .muted
    ) {
        guard width > 0, width <= 10_000 else { return }
        let bounded = fraction.isNaN ? 0 : min(max(0, fraction), 1)
        var full = Int((bounded * Double(width)).rounded())
        if bounded > 0 { full = max(1, full) }
        if bounded < 1, width > 1 { full = min(width - 1, full) }
        for offset in 0..<width {
            put(
                offset < full ? glyphs.full : glyphs.empty, row: row, column: column + offset,
                style: offset < full ? style : emptyStyle)
        }
    }

    /// Marks on a column of the border which part of `total` rows is in view; nothing when all of them are.
    package mutating func scrollMark(
        column: Int, rows: Range<Int>, offset: Int, visible: Int, total: Int, style: Style = Style(.accent)
    ) {
        guard total > visible, visible > 0, !rows.isEmpty else { return }
        let length = max(1, rows.count * visible / total)
        let travel = rows.count - length
        let start = rows.lowerBound + min(travel, max(0, offset) * travel / max(1, total - visible))
        for row in start..<start + length {
            put(glyphs.isASCII ? "#" : "┃", row: row, column: column, style: style)
        }
    }
}
