import Tenancy
import Terminal

/// A list that is read as a whole: its frame with title, filter and count, and its rows as a table.
struct ShortListBox<Row: ShortRow> {
    let list: ShortList<Row>
    let area: Rect
    let state: ConsoleState
    var title: DisplayText
    /// What stands there while it has no row at all.
    var empty: [DisplayText]
    var marked: Set<Row.ID> = []

    /// Draws all of it; gives the cursor's place while the filter is typed.
    func draw(_ table: Table, into canvas: inout Canvas, _ cells: (Row) -> [Table.Cell]) -> Position? {
        let shown = list.visible.dropFirst(list.top).prefix(max(0, area.inner.rows - 1))
        var table = table
        table.rows = shown.map(cells)
        table.selected = list.selectedIndex.map { $0 - list.top }
        table.marks = Set(shown.enumerated().filter { marked.contains($0.element.id) }.map(\.offset))
        table.empty = words
        let cursor = drawFrame(into: &canvas)
        table.draw(into: &canvas, area.inner)
        return cursor
    }

    private func drawFrame(into canvas: inout Canvas) -> Position? {
        let title = marked.isEmpty ? title : title + " · \(Figure.exact(marked.count)) marked"
        let hasFilter = list.isFiltering || !list.filter.isEmpty
        let heading = hasFilter ? title + " /" + DisplayText(list.filter.text) : title
        let count = Figure.exact(list.visible.count)
        canvas.box(
            area, title: heading,
            trailing: !list.reading.isLoaded
                ? nil : list.meaning.text.isEmpty ? count : count + " of " + Figure.exact(list.rows.count),
            style: state.borderStyle, titleStyle: state.titleStyle)
        let free = canvas.waiting(since: list.reading.waitingSince, at: state.now, in: area)
        guard list.isFiltering else { return nil }
        FilterHint(meaning: list.meaning).draw(into: &canvas, area, from: free)
        let typed = DisplayText(String(list.filter.text.prefix(list.filter.cursor)))
        return Position(
            row: area.row, column: min(area.endColumn - 2, area.column + title.columns + 4 + typed.columns))
    }

    private var words: [DisplayText] {
        if let failure = list.reading.failure { return state.words(forFailure: failure) }
        guard list.reading.isLoaded else { return [] }
        return list.meaning.text.isEmpty || list.rows.isEmpty
            ? empty : state.words(forNothingOf: "Nothing fits", fitting: list.meaning.text)
    }
}
