import Terminal

/// Rows in columns that line up by display width; everything in it has passed the gate.
struct Table {
    private let titles: [DisplayText]
    private var rows: [[DisplayText]] = []
    private var hasNumbers: [Bool]
    private var hasTexts: [Bool]
    private var widths: [Int]

    init(titles: [String]) {
        self.titles = titles.map { DisplayText($0) }
        hasNumbers = titles.map { _ in false }
        hasTexts = titles.map { _ in false }
        widths = self.titles.map(\.columns)
    }

    mutating func append(_ values: [Value]) {
        let texts = values.map(Self.text)
        for (column, value) in values.enumerated() {
            widths[column] = max(widths[column], texts[column].columns)
            switch value {
            case .none: break
            case .number: hasNumbers[column] = true
            default: hasTexts[column] = true
            }
        }
        rows.append(texts)
    }

    /// Writes titles and rows; on a terminal, the widest columns give way until a line fits.
    func write() throws {
        let widths = fitted(to: StandardOutput.columns)
        try StandardOutput.shared.line(line(titles, widths))
        for row in rows { try StandardOutput.shared.line(line(row, widths)) }
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

    private func line(_ texts: [DisplayText], _ widths: [Int]) -> String {
        var line = ""
        for (column, text) in texts.enumerated() {
            let isLast = column == texts.count - 1
            let isRight = hasNumbers[column] && !hasTexts[column]
            let cell =
                isLast && !isRight
                ? text.truncated(to: widths[column])
                : text.padded(to: widths[column], isRight ? .right : .left)
            line += (column == 0 ? "" : "  ") + cell.string
        }
        return line
    }

    private func fitted(to columns: Int?) -> [Int] {
        guard let columns else { return widths }
        var widths = widths
        var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - columns
        while excess > 0, let widest = widths.max(), widest > 8, let column = widths.firstIndex(of: widest) {
            let next = widths.filter { $0 < widest }.max() ?? 8
            let cut = min(excess, max(1, widest - max(8, next)))
            widths[column] -= cut
            excess -= cut
        }
        return widths
    }
}
