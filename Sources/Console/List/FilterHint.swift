import Tenancy
import Terminal

/// What stands in the lower border of a list while its filter is typed: the syntax, or what is wrong with it.
struct FilterHint {
    var meaning: FilterMeaning
    var syntax = Filter.syntax

    func draw(into canvas: inout Canvas, _ area: Rect, from start: Int) {
        let room = area.endColumn - 2 - start
        let text: DisplayText = " " + DisplayText(meaning.problem ?? syntax) + " "
        let shown = text.truncated(to: max(0, room))
        canvas.write(
            shown, row: area.endRow - 1, column: max(start, area.endColumn - 2 - shown.columns),
            style: meaning.problem == nil ? .muted : Style(.error))
    }
}
