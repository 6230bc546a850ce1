import Tenancy
import Terminal

/// One row, column by column.
struct RowView {
    private let screen: RowScreen
    private let console: ConsoleState

    init(_ screen: RowScreen, _ console: ConsoleState) {
        self.screen = screen
        self.console = console
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let list = screen.list
        let place: DisplayText? =
            list.count > area.inner.rows
            ? "line \(Figure.exact((list.selectedIndex ?? 0) + 1)) of \(Figure.exact(list.count))" : nil
        canvas.box(
            area, title: screen.title, trailing: place, style: console.borderStyle,
            titleStyle: console.titleStyle)
        _ = canvas.waiting(since: screen.waitingSince, at: console.now, in: area)
        let inner = area.inner
        guard screen.row != nil else {
            let words: DisplayText =
                screen.isMissing ? "This row is gone." : screen.reading.failure.map { DisplayText($0) } ?? ""
            canvas.write(
                words, row: inner.row + 1, column: inner.column + 2, width: inner.columns - 3, style: .muted)
            return
        }
        for (offset, line) in list.lines.dropFirst(list.top).prefix(inner.rows).enumerated() {
            let row = inner.row + offset
            canvas.write(
                line.name, row: row, column: inner.column + 2, width: list.nameWidth, style: Style(.header))
            canvas.write(
                line.text, row: row, column: inner.column + list.nameWidth + 4,
                width: inner.columns - list.nameWidth - 4, style: line.style)
            if list.top + offset == list.selectedIndex { canvas.select(row: row, in: inner) }
        }
        canvas.scrollMark(
            column: area.endColumn - 1, rows: inner.row..<inner.endRow, offset: list.top, visible: inner.rows,
            total: list.count)
    }
}
