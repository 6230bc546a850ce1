private import CTerminal

/// Copies the runs of cells in which two canvases differ to ncurses.
struct RunWriter {
    /// The most cells of one call.
    private static let limit = 512

    var inks: InkTable
    let showsUnicode: Bool
    private var lastStyle: Style?
    private var lastInk: InkTable.Entry?

    init(inks: InkTable, showsUnicode: Bool) {
        self.inks = inks
        self.showsUnicode = showsUnicode
    }

    /// Writes the whole of `canvas`.
    mutating func write(_ canvas: Canvas) {
        let columns = canvas.size.columns
        canvas.cells.withUnsafeBufferPointer { cells in
            for row in 0..<canvas.size.rows {
                let end = (row + 1) * columns
                var first = row * columns
                while first < end {
                    var last = min(first + Self.limit, end)
                    while last < end, cells[last].text.isEmpty { last += 1 }
                    put(cells[first..<last], row: row, column: first - row * columns)
                    first = last
                }
            }
        }
    }

    /// Writes what is new in `canvas`; false when nothing is.
    mutating func write(_ canvas: Canvas, over previous: Canvas) -> Bool {
        var changed = false
        let columns = canvas.size.columns
        canvas.cells.withUnsafeBufferPointer { cells in
            previous.cells.withUnsafeBufferPointer { before in
                guard cells.count == before.count else { return }
                for row in 0..<canvas.size.rows {
                    let line = row * columns..<(row + 1) * columns
                    if write(cells[line], over: before[line], row: row) { changed = true }
                }
            }
        }
        return changed
    }

    private mutating func write(
        _ cells: Slice<UnsafeBufferPointer<Cell>>, over before: Slice<UnsafeBufferPointer<Cell>>, row: Int
    ) -> Bool {
        var changed = false
        var index = cells.startIndex
        while index < cells.endIndex {
            guard cells[index] != before[index] else {
                index += 1
                continue
            }
            changed = true
            // A changed right half means that the whole wide character is written.
            var first = index
            if cells[first].text.isEmpty, first > cells.startIndex { first -= 1 }
            var end = index + 1
            while end < cells.endIndex, end - first < Self.limit,
                cells[end].text.isEmpty || cells[end] != before[end]
            {
                end += 1
            }
            put(cells[first..<end], row: row, column: first - cells.startIndex)
            index = end
        }
        return changed
    }

    private mutating func put(_ run: Slice<UnsafeBufferPointer<Cell>>, row: Int, column: Int) {
        piste_run_begin(Int32(row), Int32(column))
        var sent: InkTable.Entry?
        for cell in run {
            var scalars = cell.text.unicodeScalars.makeIterator()
            guard let first = scalars.next() else { continue }
            var ink = ink(of: cell.style)
            // A blank shows no text, so it goes out in the colour that is on.
            if first == " ", let sent, sent.blank == ink.blank, !ink.blank.isMarked { ink = sent }
            sent = ink
            guard showsUnicode || first.isASCII else {
                piste_run_add(0x3F, ink.modifiers, ink.pair)
                continue
            }
            piste_run_add(first.value, ink.modifiers, ink.pair)
            while let more = scalars.next() { piste_run_combine(more.value) }
        }
        piste_run_end()
    }

    private mutating func ink(of style: Style) -> InkTable.Entry {
        if style == lastStyle, let lastInk { return lastInk }
        let ink = inks[style]
        lastStyle = style
        lastInk = ink
        return ink
    }
}
