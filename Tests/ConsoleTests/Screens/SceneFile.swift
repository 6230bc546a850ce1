import Terminal

@testable import Console

/// A scene as it is kept: at each size its text, then the style of whatever is not plain, then the rows that ASCII words
/// differently; at the end what each style comes to without colours.
struct SceneFile {
    private let screens: [(size: Size, drawn: Driver, plain: Driver)]

    init(_ scene: Scene) throws {
        screens = try scene.sizes.map { ($0, try scene.driver($0), try scene.driver($0, .ascii)) }
    }

    var text: String {
        var styles: Set<Style> = []
        var lines: [String] = []
        for (size, drawn, plain) in screens {
            let canvas = drawn.canvas
            styles.formUnion(canvas.cells.map(\.style))
            lines.append("== \(size.testDescription)")
            lines += canvas.lines
            lines += ["-- styles"] + Self.runs(of: canvas)
            let worded = Self.rewordings(of: canvas, as: plain.canvas)
            if !worded.isEmpty { lines += ["-- ascii"] + worded }
        }
        return (lines + ["== without colours"] + Self.readings(of: styles)).joined(separator: "\n")
    }

    /// `3-5: 1-8 title, bold · 20 muted`: rows that look alike share a line.
    private static func runs(of canvas: Canvas) -> [String] {
        var groups: [(first: Int, last: Int, runs: String)] = []
        for row in 0..<canvas.size.rows {
            let runs = runs(of: canvas, row: row)
            guard !runs.isEmpty else { continue }
            if let last = groups.last, last.last == row - 1, last.runs == runs {
                groups[groups.count - 1].last = row
            } else {
                groups.append((row, row, runs))
            }
        }
        return groups.map { "\(span($0.first, $0.last)): \($0.runs)" }
    }

    private static func runs(of canvas: Canvas, row: Int) -> String {
        var runs: [(style: Style, first: Int, last: Int)] = []
        for column in 0..<canvas.size.columns {
            let style = canvas[row, column].style
            if let last = runs.last, last.style == style {
                runs[runs.count - 1].last = column
            } else {
                runs.append((style, column, column))
            }
        }
        return runs.filter { $0.style != .text }
            .map { "\(span($0.first, $0.last)) \($0.style)" }
            .joined(separator: " · ")
    }

    private static func span(_ first: Int, _ last: Int) -> String {
        first == last ? "\(first + 1)" : "\(first + 1)-\(last + 1)"
    }

    /// The rows that are more than the same row with every drawing character replaced by its stand-in.
    private static func rewordings(of canvas: Canvas, as plain: Canvas) -> [String] {
        zip(canvas.lines, plain.lines).enumerated()
            .filter { _, row in row.1 != String(row.0.map { standIns[$0] ?? $0 }) }
            .map { index, row in "\(index + 1): \(row.1)" }
    }

    /// What the frames may draw with, and what a terminal of nothing but ASCII shows for it.
    private static let standIns: [Character: Character] = {
        let groups: [(Character, String)] = [
            ("-", "─–"), ("|", "│"), ("+", "┌┐└┘"), ("#", "▰█┃"), ("_", "▁▂"), ("-", "▄▅"), ("=", "▆▇"),
            (".", "▱·▃"), ("~", "…≈"), (">", "▸▶›→▌"),
            ("<", "‹←"), ("^", "↑"), ("v", "↓"), ("*", "●"), ("o", "○"), ("x", "✗×"), ("y", "✓"), ("!", "▒"),
            ("\"", "“”"), ("'", "’"), ("?", "␛␇\u{202E}\u{FFFD}"),
        ]
        return Dictionary(
            uniqueKeysWithValues: groups.flatMap { plain, drawn in drawn.map { ($0, plain) } })
    }()

    private static func readings(of styles: Set<Style>) -> [String] {
        styles.map { style in
            let modifiers = Theme.standard.ink(style, .mono).modifiers
            return "\(style) = \(modifiers.words)"
        }.sorted()
    }
}

extension Driver {
    var canvas: Canvas { FrameView(state).draw().canvas }
}

extension Canvas {
    var lines: [String] { (0..<size.rows).map { text(row: $0) } }
}

extension Style.Modifiers {
    /// For example `bold, reverse`.
    fileprivate var words: String {
        let named: [(Style.Modifiers, String)] = [
            (.bold, "bold"), (.italic, "italic"), (.underline, "underline"), (.reverse, "reverse"),
            (.dim, "dim"),
        ]
        let words = named.filter { contains($0.0) }.map(\.1)
        return words.isEmpty ? "plain" : words.joined(separator: ", ")
    }
}
