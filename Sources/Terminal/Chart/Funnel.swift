/// Steps that fewer and fewer reach: how many came to each, and how many of them are stuck there.
///
/// Those who are stuck are the end of the bar, in a pattern and a colour of their own. Where there is no room, the note
/// goes first and the bar next.
package struct Funnel: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        package var name: DisplayText
        package var reached: Int
        /// How many of those are stuck here.
        package var stuck: Int
        /// What was reached, in words.
        package var figure: DisplayText
        /// Who is stuck, in words; empty when nobody is.
        package var note: DisplayText

        package init(
            _ name: DisplayText, reached: Int, stuck: Int, figure: DisplayText, note: DisplayText
        ) {
            self.name = name
            self.reached = reached
            self.stuck = stuck
            self.figure = figure
            self.note = note
        }
    }

    private let steps: [Step]

    package init(_ steps: [Step]) {
        self.steps = steps
    }

    /// Draws from the first row of `area` on; gives how many rows it took.
    @discardableResult
    package func draw(
        into canvas: inout Canvas, _ area: Rect, style: Style = Style(.chart2),
        stuckStyle: Style = Style(.warn)
    ) -> Int {
        let area = canvas.clip(area)
        let scale = Scale(steps.map(\.reached))
        let figureWidth = min(area.columns, steps.map(\.figure.columns).max() ?? 0)
        let noteWidth = steps.map(\.note.columns).max() ?? 0
        let nameWidth = min(max(0, area.columns * 2 / 5), steps.map(\.name.columns).max() ?? 0)
        var barWidth = area.columns - nameWidth - figureWidth - 2
        let hasNote = noteWidth > 0 && barWidth - noteWidth - 1 >= 6
        if hasNote { barWidth -= noteWidth + 1 }
        let hasBar = barWidth >= 3
        for (offset, step) in steps.prefix(area.rows).enumerated() {
            let row = area.row + offset
            let figureEnd = area.endColumn - (hasNote ? noteWidth + 1 : 0)
            canvas.write(
                step.name, row: row, column: area.column,
                width: hasBar ? nameWidth : max(0, area.columns - figureWidth - 1), style: .muted)
            canvas.write(
                step.figure, row: row, column: figureEnd - min(figureWidth, step.figure.columns),
                width: figureWidth)
            if hasNote {
                canvas.write(step.note, row: row, column: figureEnd + 1, width: noteWidth, style: stuckStyle)
            }
            guard hasBar else { continue }
            let full = scale.steps(step.reached, of: min(barWidth, canvas.size.columns))
            let stuck = min(full, scale.steps(min(step.stuck, step.reached), of: barWidth))
            for place in 0..<full {
                let isStuck = place >= full - stuck
                canvas.put(
                    isStuck ? canvas.glyphs.shaded : canvas.glyphs.solid, row: row,
                    column: area.column + nameWidth + 1 + place, style: isStuck ? stuckStyle : style)
            }
        }
        return min(steps.count, max(0, area.rows))
    }
}
