import CTerminal
import Testing

@testable import Console
@testable import Terminal

/// Nothing that a database holds or says reaches the terminal other than as printable cells.
struct HostileScreenTests {
    @Test(arguments: [(60, 16), (80, 24), (200, 60)], [1, 2] as [UInt64])
    func everyScreenIsMadeOfPrintableCells(size: (Int, Int), seed: UInt64) {
        var names: Set<String> = []
        let screens = HostileScreens(
            columns: size.0, rows: size.1, with: HostileRows(seed: seed)
        ) { state, name in
            names.insert(name)
            if let fault = PrintableCells.fault(in: FrameView(state).draw().canvas) {
                Issue.record("\(name), seed \(seed): \(fault)")
            }
        }
        screens.walk()
        #expect(names.count > 90)
    }

    /// What the console itself says is ASCII where the terminal shows nothing else.
    @Test(arguments: [(80, 24), (200, 60)])
    func everyScreenCanBeDrawnInASCII(size: (Int, Int)) {
        let screens = HostileScreens(columns: size.0, rows: size.1, with: HostileRows()) { state, name in
            var state = state
            state.glyphs = .ascii
            let foreign = FrameView(state).draw().canvas.cells.flatMap { cell in
                cell.text.unicodeScalars.filter { !$0.isASCII }
            }
            #expect(foreign.isEmpty, "\(name) draws \(Set(foreign.map(String.init)))")
        }
        screens.walk()
    }

    /// The measure itself: it finds what it is there to find.
    @Test(arguments: [
        "\u{1B}", "\u{7}", "\u{9B}", "\u{202E}", "\u{200B}", "\u{E000}", "a\u{FE0F}", "ab", "雪",
    ])
    func theMeasureFinds(text: String) {
        #expect(PrintableCells.fault(of: text, isFollowedByHalf: false) != nil)
        #expect(PrintableCells.fault(of: "é", isFollowedByHalf: false) == nil)
        #expect(PrintableCells.fault(of: "雪", isFollowedByHalf: true) == nil)
    }

    /// One bad cell among good ones, wherever it is; the gate lets none through, so it is put there past it.
    @Test(arguments: ["\u{1B}", "\u{9B}", "\u{202E}", "\u{200B}", "a\u{FE0F}", "ab"], [0, 2, 5, 7])
    func oneBadCellIsFoundOnACanvas(text: String, place: Int) {
        var canvas = Canvas(size: Size(columns: 4, rows: 2))
        canvas.write("雪 a", row: 0, column: 0)
        #expect(PrintableCells.fault(in: canvas) == nil)
        canvas.cells[place] = Cell(text, .text)
        #expect(PrintableCells.fault(in: canvas) != nil)
    }
}

/// Says what is wrong with cells, by the C library's and Unicode's own tables and not by the gate's.
enum PrintableCells {
    static func fault(in canvas: Canvas) -> String? {
        for row in 0..<canvas.size.rows {
            for column in 0..<canvas.size.columns {
                let text = canvas[row, column].text
                if text.isEmpty {
                    guard column > 0, !canvas[row, column - 1].text.isEmpty else {
                        return "(\(row), \(column)) is half of nothing"
                    }
                    continue
                }
                let isWide = column + 1 < canvas.size.columns && canvas[row, column + 1].text.isEmpty
                if let fault = fault(of: text, isFollowedByHalf: isWide) {
                    return "(\(row), \(column)) \(fault)"
                }
            }
        }
        return nil
    }

    static func fault(of text: String, isFollowedByHalf: Bool) -> String? {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first else { return "is empty" }
        let shown = scalars.map { "U+" + String($0.value, radix: 16) }.joined(separator: " ")
        for scalar in scalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                return "holds \(shown)"
            default:
                if scalar.properties.isDefaultIgnorableCodePoint { return "holds \(shown)" }
            }
        }
        guard piste_width(first.value) == (isFollowedByHalf ? 2 : 1) else {
            return "has another width than the screen thinks: \(shown)"
        }
        guard scalars.count <= 5, scalars.dropFirst().allSatisfy({ piste_width($0.value) == 0 }) else {
            return "holds more than a character and its marks: \(shown)"
        }
        return nil
    }
}
