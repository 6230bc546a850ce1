private import CTerminal

/// Copies the runs of cells in which two canvases differ to ncurses.
struct RunWriter {
    /// The most cells of one call.
    private static let limit = 512
    /// The most blanks between two changes that are written with them: to go past them takes as many bytes.
    private static let gap = 6

    var inks: InkTable
    let showsUnicode: Bool
    private var lastStyle: Style?
    private var lastInk: InkTable.Entry?

    init(inks: InkTable, showsUnicode: Bool) {
        self.inks = inks
        self.showsUnicode = showsUnicode
    }

    /// Writes the whole of `canvas` over a screen that was erased in the ink of its text.
    ///
    /// What is as empty there is left out where it is longer than a gap: it is there already.
    mutating func write(_ canvas: Canvas) {
        let ground = inks[.text].blank
        let columns = canvas.size.columns
        canvas.cells.withUnsafeBufferPointer { cells in
            for row in 0..<canvas.size.rows {
                let end = (row + 1) * columns
                var first = row * columns
                while first < end {
                    let empty = emptiness(cells, first..<end, ground)
                    if empty > Self.gap || first + empty == end {
                        first += empty
                        continue
                    }
                    var last = first + max(empty, 1)
                    while last < end, last - first < Self.limit {
                        let empty = emptiness(cells, last..<end, ground)
                        if empty > Self.gap { break }
                        last += max(empty, 1)
                    }
                    while last < end, cells[last].text.isEmpty { last += 1 }
                    put(cells[first..<last], row: row, column: first - row * columns)
                    first = last
                }
            }
        }
    }

    /// How many of the next cells show nothing but the ground.
    private mutating func emptiness(
        _ cells: UnsafeBufferPointer<Cell>, _ rest: Range<Int>, _ ground: InkTable.Blank
    ) -> Int {
        var count = 0
        for index in rest {
            guard cells[index].text == " " else { return count }
            let blank = ink(of: cells[index].style).blank
            guard blank == ground, !blank.isMarked else { return count }
            count += 1
        }
        return count
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
                    if write(cells, over: before, line: line, row: row) { changed = true }
                }
            }
        }
        return changed
    }

    private mutating func write(
        _ cells: UnsafeBufferPointer<Cell>, over before: UnsafeBufferPointer<Cell>, line: Range<Int>, row: Int
    ) -> Bool {
        var changed = false
        var index = line.lowerBound
        while index < line.upperBound {
            guard !Self.isSame(cells, before, index) else {
                index += 1
                continue
            }
            changed = true
            // A changed right half means that the whole wide character is written.
            var first = index
            if cells[first].text.isEmpty, first > line.lowerBound { first -= 1 }
            var end = index + 1
            while end < line.upperBound, end - first < Self.limit,
                !Self.isSame(cells, before, end) || cells[end].text.isEmpty
            {
                end += 1
                end += Self.blanks(cells, before, end..<line.upperBound)
            }
            put(cells[first..<end], row: row, column: first - line.lowerBound)
            index = end
        }
        return changed
    }

    /// How many blanks part a change from the next one, where they are so few that they are written as well.
    ///
    /// Left out they would keep the colour that they once had, which ncurses sends for each of them.
    private static func blanks(
        _ cells: UnsafeBufferPointer<Cell>, _ before: UnsafeBufferPointer<Cell>, _ rest: Range<Int>
    ) -> Int {
        var count = 0
        for index in rest.prefix(gap + 1) {
            guard isSame(cells, before, index) else { return count }
            guard cells[index].text == " " else { return 0 }
            count += 1
        }
        return 0
    }

    /// Compares two cells; nearly all are the same bit by bit, which takes no look at their strings.
    private static func isSame(
        _ cells: UnsafeBufferPointer<Cell>, _ before: UnsafeBufferPointer<Cell>, _ index: Int
    ) -> Bool {
        if let left = cells.baseAddress, let right = before.baseAddress, MemoryLayout<Cell>.size == 19 {
            let left = UnsafeRawPointer(left + index)
            let right = UnsafeRawPointer(right + index)
            let differing =
                (left.load(as: UInt64.self) ^ right.load(as: UInt64.self))
                | (left.load(fromByteOffset: 8, as: UInt64.self)
                    ^ right.load(fromByteOffset: 8, as: UInt64.self))
                | UInt64(
                    left.load(fromByteOffset: 16, as: UInt16.self)
                        ^ right.load(fromByteOffset: 16, as: UInt16.self))
                | UInt64(
                    left.load(fromByteOffset: 18, as: UInt8.self)
                        ^ right.load(fromByteOffset: 18, as: UInt8.self))
            if differing == 0 { return true }
        }
        return cells[index] == before[index]
    }

    private mutating func put(_ run: Slice<UnsafeBufferPointer<Cell>>, row: Int, column: Int) {
        piste_run_begin(Int32(row), Int32(column))
        var sent: InkTable.Entry?
        for cell in run {
            var scalars = cell.text.unicodeScalars.makeIterator()
            guard let first = scalars.next() else {
                // The right half of a wide character that cannot be shown.
                if !showsUnicode, let sent { piste_run_add(0x3F, sent.modifiers, sent.pair) }
                continue
            }
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
