import Listing
import Terminal

/// Rows in columns that line up by display width; everything in it has passed the gate.
///
/// The first rows say how wide the columns are; those behind them are written as they come, and not kept.
struct Table {
    /// So many rows are kept until the first is written.
    private static let mostKept = 5_000

    private let titles: [DisplayText]
    /// The columns of which nothing is ever cut: by them a row is named in the next command.
    private let kept: [Bool]
    private var rows: [[DisplayText]] = []
    private var hasNumbers: [Bool]
    private var hasTexts: [Bool]
    private var widths: [Int]
    /// The width of each column as it is written, once the first row is; nil for one that is left out.
    private var shown: [Int?]?

    init(titles: [String], kept: [Bool]) {
        self.titles = titles.map { DisplayText($0) }
        self.kept = kept
        hasNumbers = titles.map { _ in false }
        hasTexts = titles.map { _ in false }
        widths = self.titles.map(\.columns)
    }

    mutating func append(_ values: [Value]) throws {
        let texts = values.map(Self.text)
        if let shown { return try StandardOutput.shared.line(line(texts, shown)) }
        for (column, value) in values.enumerated() {
            widths[column] = max(widths[column], texts[column].columns)
            switch value {
            case .none: break
            case .number: hasNumbers[column] = true
            default: hasTexts[column] = true
            }
        }
        rows.append(texts)
        if rows.count == Self.mostKept { try begin() }
    }

    /// Writes the titles and the rows so far.
    private mutating func begin() throws {
        let widths = fitted(to: StandardOutput.columns)
        shown = widths
        try StandardOutput.shared.line(line(titles, widths))
        for row in rows { try StandardOutput.shared.line(line(row, widths)) }
        rows = []
    }

    /// Writes titles and rows; on a terminal, the widest columns that name nothing give way until a line fits, and then the
    /// last of those are left out, which is said.
    mutating func finish() throws {
        if shown == nil { try begin() }
        let widths = shown ?? []
        let missing = titles.indices.filter { widths[$0] == nil }.map { titles[$0].string }
        guard !missing.isEmpty else { return }
        try StandardOutput.shared.flush()
        Narration.say("… no room for \(missing.joined(separator: ", ")); --plain tells all of every row")
    }

    /// A value as people read it.
    static func text(_ value: Value) -> DisplayText {
        switch value {
        case .none: "-"
        case .text(let text), .json(let text): DisplayText(text)
        case .number(let number): DisplayText(String(number))
        case .truth(let truth): truth ? "yes" : "no"
        case .moment(let date): DisplayText(Moment.local(date))
        }
    }

    private func line(_ texts: [DisplayText], _ widths: [Int?]) -> String {
        var line = ""
        let last = widths.lastIndex { $0 != nil }
        for (column, text) in texts.enumerated() {
            guard let width = widths[column] else { continue }
            let isRight = hasNumbers[column] && !hasTexts[column]
            // Of a name nothing is cut, nor of anything that no terminal shows, however far down it stands.
            let room = kept[column] || StandardOutput.columns == nil ? max(width, text.columns) : width
            let cell =
                column == last && !isRight
                ? text.truncated(to: room) : text.padded(to: room, isRight ? .right : .left)
            line += (line.isEmpty ? "" : "  ") + cell.string
        }
        return line
    }

    private static let narrowest = 8

    /// The width of each column; nil for one that is left out.
    private func fitted(to columns: Int?) -> [Int?] {
        guard let columns else { return widths }
        var widths = widths.map(Optional.some)
        func excess() -> Int {
            let shown = widths.compactMap { $0 }
            return shown.reduce(0, +) + 2 * (shown.count - 1) - columns
        }
        while excess() > 0 {
            let yielding = widths.indices.filter { !kept[$0] && widths[$0] ?? 0 > Self.narrowest }
            if let widest = yielding.max(by: { widths[$0] ?? 0 < widths[$1] ?? 0 }),
                let width = widths[widest]
            {
                let next = yielding.compactMap { widths[$0] }.filter { $0 < width }.max() ?? Self.narrowest
                widths[widest] = width - min(excess(), max(1, width - max(Self.narrowest, next)))
            } else if let last = widths.indices.last(where: { !kept[$0] && widths[$0] != nil }) {
                widths[last] = nil
            } else {
                break
            }
        }
        return widths
    }
}
