import Tenancy
import Terminal

/// The frame of a list that is read as a whole: title, filter, how many rows.
struct ShortListBox<Row: ShortRow> {
    let list: ShortList<Row>
    let area: Rect
    let state: ConsoleState
    var title: DisplayText
    var isLoaded: Bool
    /// Since when its rows are being read; nil when they are not.
    var since: Milliseconds?

    /// Draws border and titles; gives the cursor's place while the filter is typed.
    func drawFrame(into canvas: inout Canvas) -> Position? {
        let hasFilter = list.isFiltering || !list.filter.isEmpty
        let heading = hasFilter ? title + " /" + DisplayText(list.filter.text) : title
        let count = Figure.exact(list.visible.count)
        canvas.box(
            area, title: heading,
            trailing: !isLoaded
                ? nil : list.meaning.text.isEmpty ? count : count + " of " + Figure.exact(list.rows.count),
            style: state.borderStyle, titleStyle: state.titleStyle)
        let free = canvas.waiting(since: since, at: state.now, in: area)
        guard list.isFiltering else { return nil }
        FilterHint(meaning: list.meaning).draw(into: &canvas, area, from: free)
        let typed = DisplayText(String(list.filter.text.prefix(list.filter.cursor)))
        return Position(
            row: area.row, column: min(area.endColumn - 2, area.column + title.columns + 4 + typed.columns))
    }

    var shown: ArraySlice<Row> { list.visible.dropFirst(list.top).prefix(max(0, area.inner.rows - 1)) }

    var selectedOffset: Int? { list.selectedIndex.map { $0 - list.top } }

    /// What stands there while no row fits; nil where the list itself says why it is empty.
    var nothingFits: [DisplayText]? {
        guard isLoaded, !list.meaning.text.isEmpty, !list.rows.isEmpty else { return nil }
        return state.words(forNothingOf: "Nothing fits", fitting: list.meaning.text)
    }
}
