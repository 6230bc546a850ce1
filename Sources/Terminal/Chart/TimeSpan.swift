/// A stretch of time on a line that others share; one that is not over yet ends in an arrow.
package struct TimeSpan: Hashable, Sendable {
    private let start: Double
    private let end: Double
    private let isOpen: Bool

    /// - Parameters:
    ///   - start: where it begins, as a share of the line from 0 to 1.
    ///   - end: where it ends, likewise.
    package init(from start: Double, to end: Double, isOpen: Bool = false) {
        self.start = Self.bounded(start)
        self.end = max(Self.bounded(end), Self.bounded(start))
        self.isOpen = isOpen
    }

    /// Draws the line, `width` columns long, with the stretch on it, which takes at least one column.
    package func draw(into canvas: inout Canvas, row: Int, column: Int, width: Int, style: Style) {
        let width = min(width, canvas.size.columns)
        guard width > 0 else { return }
        let first = min(width - 1, Int(start * Double(width)))
        let last = min(width - 1, max(first, Int((end * Double(width)).rounded(.up)) - 1))
        for place in 0..<width {
            let isPart = (first...last).contains(place)
            let picture =
                !isPart
                ? canvas.glyphs.dot : isOpen && place == last ? canvas.glyphs.onward : canvas.glyphs.solid
            canvas.put(picture, row: row, column: column + place, style: isPart ? style : Style(.border))
        }
    }

    private static func bounded(_ share: Double) -> Double { share.isNaN ? 0 : min(max(0, share), 1) }
}
