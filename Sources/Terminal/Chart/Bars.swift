/// Counts below each other: name, bar, figure.
///
/// Where there is no room for a bar, name and figure stand alone; the figure goes last.
package struct Bars: Hashable, Sendable {
    package struct Bar: Hashable, Sendable {
        package var name: DisplayText
        package var value: Int
        /// The value in words.
        package var figure: DisplayText
        package var style: Style

        package init(_ name: DisplayText, _ value: Int, figure: DisplayText, style: Style) {
            self.name = name
            self.value = value
            self.figure = figure
            self.style = style
        }
    }

    private let bars: [Bar]
    private let most: Int?

    /// - Parameter most: what a full bar stands for; by itself the greatest value.
    package init(_ bars: [Bar], most: Int? = nil) {
        self.bars = bars
        self.most = most
    }

    /// Draws from the first row of `area` on; gives how many rows it took.
    @discardableResult
    package func draw(into canvas: inout Canvas, _ area: Rect) -> Int {
        let area = canvas.clip(area)
        let scale = Scale(bars.map(\.value) + [most ?? 0])
        let figureWidth = min(area.columns, bars.map(\.figure.columns).max() ?? 0)
        let room = area.columns - figureWidth - 1
        let nameWidth = max(0, min(max(room / 2, 0), bars.map(\.name.columns).max() ?? 0))
        let barWidth = room - nameWidth - 1
        for (offset, bar) in bars.prefix(area.rows).enumerated() {
            let row = area.row + offset
            let hasBar = barWidth >= 3
            canvas.write(
                bar.name, row: row, column: area.column, width: hasBar ? nameWidth : max(0, room),
                style: .muted)
            canvas.write(
                bar.figure, row: row,
                column: area.endColumn - min(figureWidth, bar.figure.columns), width: figureWidth)
            guard hasBar else { continue }
            canvas.bar(
                scale.share(bar.value), row: row, column: area.column + nameWidth + 1, width: barWidth,
                style: bar.style)
        }
        return min(bars.count, max(0, area.rows))
    }
}
