import Tenancy
import Terminal

/// The tables of a company, and the selected one's columns beside them.
struct TablesView {
    private static let columns = [
        Column(title: "TABLE", width: .share(3, least: 20)),
        Column(title: "≈ROWS", width: .fixed(7), isRight: true),
        Column(title: "SIZE", width: .fixed(8), priority: 2, isRight: true),
        Column(title: "BELONGS TO", width: .share(2, least: 14), priority: 1),
    ].ordering(TenantTable.self)

    private let screen: TablesScreen
    private let console: ConsoleState

    init(_ screen: TablesScreen, _ console: ConsoleState) {
        self.screen = screen
        self.console = console
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let cursor = ShortListBox(
            list: screen.list, area: layout.list, state: console, title: "Tables",
            empty: ["The company has no table that this context may see."]
        ).draw(Table(columns: Self.columns, rows: [], order: screen.list.order), into: &canvas, cells)
        if let preview = layout.preview { drawPreview(into: &canvas, preview) }
        return cursor
    }

    private func cells(_ table: TenantTable) -> [Table.Cell] {
        [
            Table.Cell(DisplayText(table.name)),
            Table.Cell(table.estimatedRows.map { Figure.estimate(Int($0)) } ?? "–", .muted),
            Table.Cell(table.bytes.map(Figure.bytes) ?? "–", .muted),
            Table.Cell(DisplayText(table.parents), .muted),
        ]
    }

    private func drawPreview(into canvas: inout Canvas, _ area: Rect) {
        let table = screen.list.selectedRow
        canvas.box(
            area, title: table.map { DisplayText($0.name) } ?? "Table", style: console.borderStyle,
            titleStyle: console.titleStyle)
        guard let table else { return }
        let inner = area.inner
        var facts: [(DisplayText, DisplayText, Style)] = []
        let key =
            table.key.isEmpty
            ? "none: its rows are told apart by their place" : table.key.joined(separator: ", ")
        facts.append(("key", DisplayText(key), table.key.isEmpty ? Style(.warn) : .text))
        if !table.isPagedByKey {
            facts.append(("pages", "without an index: each page reads all rows before it", Style(.warn)))
        }
        if !table.referencedBy.isEmpty {
            var seen: Set<String> = []
            let names = table.referencedBy.map(\.table).filter { seen.insert($0).inserted }
            facts.append(("named by", DisplayText(names.joined(separator: ", ")), .text))
        }
        var row = WrappedFacts(facts).draw(into: &canvas, inner) + 1
        let width = min(28, (table.columns.map { DisplayText($0.name).columns }.max() ?? 0))
        for column in table.columns where row < inner.endRow {
            canvas.write(DisplayText(column.name), row: row, column: inner.column + 1, width: width)
            let leads: DisplayText =
                table.references(from: column.name).first.map { " → \(DisplayText($0.referencedTable))" }
                ?? ""
            let words: DisplayText =
                column.isRedacted ? "redacted here" : DisplayText(column.type) + leads
            canvas.write(
                words, row: row, column: inner.column + 3 + width, width: max(0, inner.columns - width - 4),
                style: column.isRedacted ? Style(.warn) : .muted)
            row += 1
        }
    }
}
