/// Values over time as a line of braille dots, two to a column and four to a row; of plain marks where there is only ASCII.
///
/// The line spans the whole width, zero lies at the bottom and the greatest value at the top.
package struct LineChart: Hashable, Sendable {
    private let values: [Int]

    package init(_ values: [Int]) {
        self.values = values
    }

    /// Draws into the part of `area` that lies on the canvas.
    package func draw(into canvas: inout Canvas, _ area: Rect, style: Style = Style(.chart1)) {
        let area = canvas.clip(area)
        guard area.columns > 0, area.rows > 0 else { return }
        let isASCII = canvas.glyphs.isASCII
        let grid = isASCII ? (across: 1, down: 3) : (across: 2, down: 4)
        let size = (width: area.columns * grid.across, height: area.rows * grid.down)
        var dots: [Int: UInt8] = [:]
        for (x, y) in points(width: size.width, height: size.height) {
            let cell = y / grid.down * area.columns + x / grid.across
            dots[cell, default: 0] |= isASCII ? 1 << UInt8(y % 3) : Self.dot(x % 2, y % 4)
        }
        for (cell, bits) in dots {
            canvas.put(
                isASCII ? Self.plain(bits) : Self.braille(bits), row: area.row + cell / area.columns,
                column: area.column + cell % area.columns, style: style)
        }
    }

    /// Every dot of the line, from the left to the right.
    private func points(width: Int, height: Int) -> [(Int, Int)] {
        let shown = values.grouped(into: width, by: max)
        let scale = Scale(shown)
        let corners = shown.enumerated().map { index, value in
            (
                shown.count == 1 ? 0 : index * (width - 1) / (shown.count - 1),
                height - 1 - Int((scale.share(value) * Double(height - 1)).rounded())
            )
        }
        guard let first = corners.first else { return [] }
        return zip(corners, corners.dropFirst()).reduce(into: [first]) { points, ends in
            let (start, end) = ends
            let steps = max(abs(end.0 - start.0), abs(end.1 - start.1))
            guard steps > 0 else { return }
            for step in 1...steps {
                points.append(
                    (
                        start.0 + (end.0 - start.0) * step / steps,
                        start.1 + (end.1 - start.1) * step / steps
                    ))
            }
        }
    }

    /// The bit of a dot in a braille character (Unicode 15, chapter 21.1).
    private static func dot(_ x: Int, _ y: Int) -> UInt8 {
        y == 3 ? (x == 0 ? 0x40 : 0x80) : 1 << UInt8(x * 3 + y)
    }

    private static func braille(_ bits: UInt8) -> String {
        Unicode.Scalar(0x2800 + UInt32(bits)).map { String($0) } ?? " "
    }

    /// The topmost of what lies in a cell.
    private static func plain(_ bits: UInt8) -> String {
        bits & 1 != 0 ? "'" : bits & 2 != 0 ? "-" : "."
    }
}
