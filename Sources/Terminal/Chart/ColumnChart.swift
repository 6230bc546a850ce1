/// Counts over time as columns that stand on the last row of an area, in eighths of a row.
///
/// More values than columns are summed up, neighbour with neighbour; fewer are drawn wider, all by as much.
package struct ColumnChart: Hashable, Sendable {
    private let values: [Int]

    package init(_ values: [Int]) {
        self.values = values
    }

    /// Draws into the part of `area` that lies on the canvas; gives how many columns it took.
    @discardableResult
    package func draw(into canvas: inout Canvas, _ area: Rect, style: Style = Style(.chart1)) -> Int {
        let area = canvas.clip(area)
        let shown = values.summed(into: area.columns)
        guard !shown.isEmpty, area.rows > 0 else { return 0 }
        let width = area.columns / shown.count
        let heights = canvas.glyphs.heights
        let scale = Scale(shown)
        for (index, value) in shown.enumerated() {
            var left = scale.steps(value, of: area.rows * heights.count)
            for row in (area.row..<area.endRow).reversed() where left > 0 {
                let picture = heights[min(left, heights.count) - 1]
                left -= heights.count
                // A gap between columns that are wide enough to leave one.
                for offset in 0..<(width > 2 ? width - 1 : width) {
                    canvas.put(picture, row: row, column: area.column + index * width + offset, style: style)
                }
            }
        }
        return shown.count * width
    }
}
