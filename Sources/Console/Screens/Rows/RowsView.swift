import Tenancy
import Terminal

/// The rows of a table: the key first, each column as wide as what is in it.
struct RowsView {
    /// The widest a column gets; the whole value stands on the row's own screen.
    private static let widest = 40

    private let screen: RowsScreen
    private let console: ConsoleState

    init(_ screen: RowsScreen, _ console: ConsoleState) {
        self.screen = screen
        self.console = console
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let list = screen.list
        var box = ListBox(list, area: layout.list, state: console)
        box.title = title
        box.syntax = RowFilter.syntax
        if list.meaning.text.isEmpty, screen.base.conditions.isEmpty {
            box.total = screen.table.estimatedRows.map { Figure.estimate(Int($0)) }
        }
        let cursor = box.drawFrame(into: &canvas)
        let rows = box.visible(list)
        let columns = screen.columns
        let visible = screen.table.visibleColumns
        let places = columns.map { column in visible.firstIndex { $0.name == column.name } }
        let cells = rows.map { row in zip(columns, places).map { cell(row, $0, $1) } }
        var table = Table(
            columns: columns.enumerated().map { index, column in shown(column, cells.map { $0[index].text })
            },
            rows: cells, scrolls: true, shift: screen.shift)
        table.order = columns.firstIndex { $0.name == screen.sort ?? screen.table.key.first }.map {
            .init(column: $0, isAscending: screen.ascending)
        }
        table.selected = box.selectedOffset(list)
        table.marks = box.marks(list)
        table.empty = empty
        table.draw(into: &canvas, box.inner)
        return cursor
    }

    private var title: DisplayText {
        var title: DisplayText = DisplayText(screen.table.name)
        if !screen.baseWords.isEmpty { title += " · " + DisplayText(screen.baseWords).truncated(to: 40) }
        if let sort = screen.sort { title += " · by \(DisplayText(sort))\(screen.ascending ? "" : " ↓")" }
        if screen.isSlow { title += " · no index pages it so" }
        return title
    }

    private func shown(_ column: TableColumn, _ cells: [DisplayText]) -> Column {
        let title = DisplayText(column.name)
        let widest = cells.lazy.map(\.columns).max() ?? 0
        let width = min(Self.widest, max(4, title.columns + 2, widest))
        return Column(
            title: title,
            width: column.kind.isNumeric || width < 12 ? .fixed(width) : .share(1, least: min(width, 24)),
            isRight: column.kind.isNumeric)
    }

    private func cell(_ row: TableRow, _ column: TableColumn, _ place: Int?) -> Table.Cell {
        guard let place, row.values.indices.contains(place) else {
            return Table.Cell("redacted", Style(.warn))
        }
        let value = row.values[place]
        guard let text = value.text else { return Table.Cell("NULL", .muted) }
        let isKey = screen.table.key.contains(column.name)
        return Table.Cell(DisplayText(text) + (value.isWhole ? "" : "…"), isKey ? .text : .muted)
    }

    private var empty: [DisplayText] {
        let list = screen.list
        if let failure = list.failure { return console.words(forFailure: failure) }
        guard list.isLoaded else { return [] }
        guard list.meaning.text.isEmpty else {
            return console.words(forNothingOf: "No row fits", fitting: list.meaning.text)
        }
        return [screen.base.conditions.isEmpty ? "The table is empty." : "No row names it."]
    }
}
