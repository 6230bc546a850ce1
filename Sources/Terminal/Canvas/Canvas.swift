/// A screen's worth of cells that views draw into; it knows nothing of a terminal.
///
/// Whatever lies outside is clipped. A wide grapheme takes two cells, of which the right one has an empty text; one
/// that an edge or other text cuts in half becomes a blank.
package struct Canvas: Hashable, Sendable {
    package let size: Size
    /// The characters that borders, bars and marks are made of.
    package let glyphs: Glyphs
    package internal(set) var cells: [Cell]

    package init(size: Size, glyphs: Glyphs = .unicode) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        self.glyphs = glyphs
        cells = Array(repeating: .blank, count: self.size.columns * self.size.rows)
    }

    /// The whole canvas as a rectangle.
    package var bounds: Rect { Rect(row: 0, column: 0, columns: size.columns, rows: size.rows) }

    /// The cell at a position, or a blank one outside the canvas.
    package subscript(row: Int, column: Int) -> Cell {
        guard (0..<size.rows).contains(row), (0..<size.columns).contains(column) else { return .blank }
        return cells[row * size.columns + column]
    }

    /// Writes `text` from (row, column) in at most `width` columns; what does not fit is cut, with `…` when `ellipsis`.
    ///
    /// - Returns: the columns used.
    @discardableResult
    package mutating func write(
        _ text: DisplayText, row: Int, column: Int, width: Int = .max, style: Style = .text,
        ellipsis: Bool = true
    ) -> Int {
        guard row >= 0, row < size.rows, column < size.columns else { return 0 }
        let room = min(max(0, width), size.columns - column)
        guard room > 0, !text.isEmpty else { return 0 }
        var shown = text
        var overhang = 0
        if text.columns > room {
            shown = ellipsis ? text.truncated(to: room, mark: glyphs.ellipsis) : text.prefix(columns: room)
            // Only a wide grapheme can leave the last column free; it becomes a blank.
            if !ellipsis { overhang = room - shown.columns }
        }
        let used = shown.columns + overhang
        separate(row: row, from: column, to: column + used)
        if shown.isASCII, column >= 0 {
            put(ascii: shown.string, at: row * size.columns + column, style: style)
        } else {
            put(shown, row: row, column: column, style: style)
        }
        if overhang > 0, column + shown.columns >= 0 {
            cells[row * size.columns + column + shown.columns] = Cell(" ", style)
        }
        return used
    }

    /// Fills a rectangle with one character and style.
    package mutating func fill(_ rect: Rect, _ character: Character = " ", style: Style = .text) {
        let area = clip(rect)
        guard area.columns > 0, area.rows > 0 else { return }
        let glyph = character == " " ? DisplayText.Glyph(text: " ", columns: 1) : Self.glyph(of: character)
        let cell = Cell(standIn(for: glyph.text), style)
        for row in area.row..<area.endRow {
            separate(row: row, from: area.column, to: area.endColumn)
            let start = row * size.columns + area.column
            guard glyph.columns == 2 else {
                for index in start..<start + area.columns { cells[index] = cell }
                continue
            }
            for offset in 0..<area.columns {
                let isLeft = offset.isMultiple(of: 2)
                let isCut = isLeft && offset + 1 == area.columns
                cells[start + offset] = isCut ? Cell(" ", style) : isLeft ? cell : Cell("", style)
            }
        }
    }

    /// Gives every cell of `rect` the ground of `role`, keeping its text and colours.
    package mutating func ground(_ rect: Rect, _ role: Role) {
        restyle(rect) { $0.ground = role }
    }

    /// Changes the style of every cell of `rect`, keeping its text.
    package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
        let area = clip(rect)
        for row in area.row..<area.endRow {
            let start = row * size.columns + area.column
            for index in start..<start + area.columns { change(&cells[index].style) }
        }
    }

    /// The part of a rectangle that lies on the canvas.
    package func clip(_ rect: Rect) -> Rect {
        let row = min(max(0, rect.row), size.rows)
        let column = min(max(0, rect.column), size.columns)
        let endRow = Self.sum(rect.row, rect.rows)
        let endColumn = Self.sum(rect.column, rect.columns)
        return Rect(
            row: row, column: column, columns: min(endColumn, size.columns) - column,
            rows: min(endRow, size.rows) - row)
    }

    /// Puts one cell of one column where the caller knows that there is room for it.
    mutating func put(_ text: String, row: Int, column: Int, style: Style) {
        guard (0..<size.rows).contains(row), (0..<size.columns).contains(column) else { return }
        separate(row: row, from: column, to: column + 1)
        cells[row * size.columns + column] = Cell(text, style)
    }

    private mutating func put(ascii text: String, at start: Int, style: Style) {
        let characters = Self.characters
        cells.withUnsafeMutableBufferPointer { cells in
            var index = start
            for byte in text.utf8 {
                cells[index] = Cell(characters[Int(byte)], style)
                index += 1
            }
        }
    }

    /// The ASCII characters, ready made.
    private static let characters = (UInt8(0)..<0x80).map { String(Unicode.Scalar($0)) }

    private mutating func put(_ text: DisplayText, row: Int, column: Int, style: Style) {
        let start = row * size.columns
        var column = column
        for glyph in text.glyphs {
            if column >= 0 {
                cells[start + column] = Cell(standIn(for: glyph.text), style)
                if glyph.columns == 2 { cells[start + column + 1] = Cell("", style) }
            } else if column == -1, glyph.columns == 2 {
                cells[start] = Cell(" ", style)
            }
            column += glyph.columns
        }
    }

    /// Blanks the other halves of wide graphemes that the ends of a run of columns cut through.
    private mutating func separate(row: Int, from first: Int, to end: Int) {
        let start = row * size.columns
        if first > 0, cells[start + first].text.isEmpty {
            cells[start + first - 1].text = " "
            cells[start + first].text = " "
        }
        if end > 0, end < size.columns, cells[start + end].text.isEmpty {
            cells[start + end - 1].text = " "
            cells[start + end].text = " "
        }
    }

    private func standIn(for text: String) -> String {
        glyphs.isASCII ? Glyphs.asciiStandIn(for: text) ?? text : text
    }

    private static func glyph(of character: Character) -> DisplayText.Glyph {
        var glyphs = DisplayText(String(character)).glyphs
        return glyphs.next() ?? DisplayText.Glyph(text: " ", columns: 1)
    }

    private static func sum(_ start: Int, _ length: Int) -> Int {
        let (end, overflow) = start.addingReportingOverflow(length)
        return overflow ? .max : end
    }
}
