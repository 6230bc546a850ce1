import Terminal

/// As much of a terminal as ncurses uses on one of the xterm family: turns output back into a picture.
struct Emulator {
    struct Spot: Equatable {
        var text = " "
        var pen = Pen()
    }

    struct Pen: Equatable {
        var foreground: Int32 = -1
        var background: Int32 = -1
        var modifiers: Style.Modifiers = []
    }

    let rows: Int
    let columns: Int
    private(set) var spots: [[Spot]]
    private(set) var cursor = Position(row: 0, column: 0)
    private(set) var modes: Set<Int> = [7, 25]
    /// Sequences that it does not know.
    private(set) var unknown: [String] = []
    private var pen = Pen()
    private var region: ClosedRange<Int>

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        spots = Array(repeating: Array(repeating: Spot(), count: columns), count: rows)
        region = 0...rows - 1
    }

    var text: String {
        spots.map { row in
            String(row.map(\.text).joined().reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    mutating func feed(_ bytes: [UInt8]) {
        var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar.value {
            case 0x1B: escape(&scalars)
            case 0x0D: cursor.column = 0
            case 0x0A: lineFeed()
            case 0x08: cursor.column = max(0, cursor.column - 1)
            case 0x07, 0x0E, 0x0F: break
            default: put(scalar)
            }
        }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let width =
            DisplayText(String(scalar)).string == String(scalar) ? DisplayText(String(scalar)).columns : 0
        let isCombining = scalar.properties.canonicalCombiningClass != .notReordered || width == 0
        if isCombining {
            let column = max(0, cursor.column - 1)
            let base = spots[cursor.row][column].text.isEmpty ? column - 1 : column
            spots[cursor.row][max(0, base)].text.unicodeScalars.append(scalar)
            return
        }
        guard cursor.column < columns else { return }
        spots[cursor.row][cursor.column] = Spot(text: String(scalar), pen: pen)
        if width == 2, cursor.column + 1 < columns {
            spots[cursor.row][cursor.column + 1] = Spot(text: "", pen: pen)
        }
        cursor.column = min(columns, cursor.column + width)
    }

    private mutating func escape(_ scalars: inout ArraySlice<Unicode.Scalar>) {
        guard let kind = scalars.popFirst() else { return }
        switch kind {
        case "[":
            var parameters = ""
            while let next = scalars.popFirst() {
                if (0x40...0x7E).contains(next.value) {
                    control(next, parameters)
                    return
                }
                parameters.unicodeScalars.append(next)
            }
        case "]":
            while let next = scalars.popFirst(), next != "\u{7}" {}
        case "(", ")": _ = scalars.popFirst()
        case "M": reverseLineFeed()
        case "=", ">": break
        default: unknown.append("ESC \(kind)")
        }
    }

    private mutating func control(_ final: Unicode.Scalar, _ parameters: String) {
        if parameters.hasPrefix("?") {
            for mode in parameters.dropFirst().split(separator: ";").compactMap({ Int($0) }) {
                if final == "h" { modes.insert(mode) } else { modes.remove(mode) }
            }
            return
        }
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let first = max(1, numbers.first ?? 1)
        let row = cursor.row
        switch final {
        case "m": select(numbers)
        case "H":
            cursor = Position(
                row: min(first, rows) - 1,
                column: min(max(1, numbers.count > 1 ? numbers[1] : 1), columns) - 1)
        case "d": cursor.row = min(first, rows) - 1
        case "G": cursor.column = min(first, columns) - 1
        case "A": cursor.row = max(0, row - first)
        case "B": cursor.row = min(rows - 1, row + first)
        case "C": cursor.column = min(columns - 1, cursor.column + first)
        case "D": cursor.column = max(0, cursor.column - first)
        case "J":
            if numbers.first != 2 { erase(columns: cursor.column..<columns) }
            erase(rows: numbers.first == 2 ? 0..<rows : row + 1..<rows)
        case "K": erase(columns: numbers.first == 1 ? 0..<cursor.column + 1 : cursor.column..<columns)
        case "X": erase(columns: cursor.column..<min(columns, cursor.column + first))
        case "r": region = first - 1...(numbers.count > 1 ? numbers[1] : rows) - 1
        case "P": shift(first)
        case "@": shift(-first)
        case "L": for _ in 0..<first { scroll(row...region.upperBound, up: false) }
        case "M": for _ in 0..<first { scroll(row...region.upperBound, up: true) }
        case "S": for _ in 0..<first { scroll(region, up: true) }
        case "T": for _ in 0..<first { scroll(region, up: false) }
        case "b":
            let last = spots[row][max(0, cursor.column - 1)].text
            for _ in 0..<first { last.unicodeScalars.first.map { put($0) } }
        case "l", "h", "t": break
        default: unknown.append("CSI \(parameters)\(final)")
        }
    }

    private mutating func select(_ numbers: [Int]) {
        var rest = numbers[...]
        while let number = rest.popFirst() {
            switch number {
            case 0: pen = Pen()
            case 1: pen.modifiers.insert(.bold)
            case 2: pen.modifiers.insert(.dim)
            case 3: pen.modifiers.insert(.italic)
            case 4: pen.modifiers.insert(.underline)
            case 7: pen.modifiers.insert(.reverse)
            case 10, 11: break
            case 22: pen.modifiers.subtract([.bold, .dim])
            case 23: pen.modifiers.remove(.italic)
            case 24: pen.modifiers.remove(.underline)
            case 27: pen.modifiers.remove(.reverse)
            case 30...37: pen.foreground = Int32(number - 30)
            case 40...47: pen.background = Int32(number - 40)
            case 90...97: pen.foreground = Int32(number - 82)
            case 100...107: pen.background = Int32(number - 92)
            case 39: pen.foreground = -1
            case 49: pen.background = -1
            case 38, 48:
                _ = rest.popFirst()
                let color = Int32(rest.popFirst() ?? -1)
                if number == 38 { pen.foreground = color } else { pen.background = color }
            default: unknown.append("SGR \(number)")
            }
        }
    }

    /// A blank keeps the ground's colour, as a terminal with `bce` does it.
    private var blank: Spot {
        Spot(text: " ", pen: Pen(foreground: pen.foreground, background: pen.background))
    }

    private mutating func erase(columns: Range<Int>) {
        for column in columns { spots[cursor.row][column] = blank }
    }

    private mutating func erase(rows: Range<Int>) {
        for row in rows { for column in 0..<columns { spots[row][column] = blank } }
    }

    private mutating func shift(_ count: Int) {
        var line = spots[cursor.row]
        let blanks = Array(repeating: blank, count: abs(count))
        if count > 0 {
            line.removeSubrange(cursor.column..<min(columns, cursor.column + count))
            line += blanks
        } else {
            line.insert(contentsOf: blanks, at: cursor.column)
        }
        spots[cursor.row] = Array(line.prefix(columns))
    }

    private mutating func lineFeed() {
        if cursor.row == region.upperBound { scroll(region, up: true) } else { cursor.row += 1 }
    }

    private mutating func reverseLineFeed() {
        if cursor.row == region.lowerBound { scroll(region, up: false) } else { cursor.row -= 1 }
    }

    private mutating func scroll(_ rows: ClosedRange<Int>, up: Bool) {
        let line = Array(repeating: blank, count: columns)
        spots.remove(at: up ? rows.lowerBound : rows.upperBound)
        spots.insert(line, at: up ? rows.upperBound : rows.lowerBound)
    }
}
