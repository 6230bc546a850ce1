/// Counts over time in one line: a column each, as high as its share of the greatest, and nothing for zero.
///
/// More values than columns are summed up, neighbour with neighbour.
package struct Sparkline: Hashable, Sendable {
    private let values: [Int]

    package init(_ values: [Int]) {
        self.values = values
    }

    /// Draws at most `width` columns; gives how many.
    @discardableResult
    package func draw(
        into canvas: inout Canvas, row: Int, column: Int, width: Int, style: Style = Style(.chart1)
    ) -> Int {
        let shown = values.summed(into: min(width, canvas.size.columns))
        let scale = Scale(shown)
        for (offset, value) in shown.enumerated() {
            let height = scale.steps(value, of: canvas.glyphs.heights.count)
            canvas.put(
                height == 0 ? " " : canvas.glyphs.heights[height - 1], row: row, column: column + offset,
                style: style)
        }
        return shown.count
    }
}
