import Tenancy
import Terminal

/// The frame of a keyset-paged list: title, filter, place in the list, spinner.
struct ListBox<Row: Anchored> {
    var title: DisplayText = ""
    /// How many rows the list has as it is filtered, exact or with ≈; nil when nobody counted.
    var total: DisplayText?
    /// How many there are exactly, where that was counted: then the rows of the end have their numbers too.
    var exactTotal: Int?
    /// What the corner says instead of the place in the list.
    var corner: DisplayText?
    /// What can be typed into the filter, in a line.
    var syntax = Filter.syntax
    /// Whether the title warns.
    var isAlarming = false

    private let list: ListState<Row>
    private let area: Rect
    private let state: ConsoleState

    init(_ list: ListState<Row>, area: Rect, state: ConsoleState) {
        self.list = list
        self.area = area
        self.state = state
    }

    /// Where the table goes.
    var inner: Rect { area.inner }

    func visible(_ list: ListState<Row>) -> [Row] {
        Array(list.rows.dropFirst(list.top).prefix(max(0, inner.rows - 1)))
    }

    func selectedOffset(_ list: ListState<Row>) -> Int? {
        list.selectedIndex.map { $0 - list.top }
    }

    /// Draws border and titles; gives the cursor's place while the filter is typed.
    func drawFrame(into canvas: inout Canvas) -> Position? {
        canvas.box(
            area, title: heading, trailing: corner ?? place, style: state.borderStyle,
            // In the rows' own colour, which is on for them then.
            trailingStyle: .text, titleStyle: isAlarming ? Style(.error).bold : state.titleStyle)
        let free = canvas.waiting(since: list.pending?.since, at: state.now, in: area)
        guard list.isFiltering else { return nil }
        FilterHint(meaning: list.meaning, syntax: syntax).draw(into: &canvas, area, from: free)
        let typed = DisplayText(String(list.filter.text.prefix(list.filter.cursor)))
        return Position(
            row: area.row, column: min(area.endColumn - 2, area.column + title.columns + 4 + typed.columns))
    }

    private var heading: DisplayText {
        let marks: DisplayText =
            list.marked.isEmpty ? "" : " · \(Figure.exact(list.marked.count)) marked"
        guard list.isFiltering || !list.filter.isEmpty else { return title + marks }
        return title + " /" + DisplayText(list.filter.text) + marks
    }

    /// The rows on screen that are marked, by their places there.
    func marks(_ list: ListState<Row>) -> Set<Int> {
        guard !list.marked.isEmpty else { return [] }
        let marked = Set(list.marked.map(\.id))
        return Set(visible(list).enumerated().filter { marked.contains($0.element.id) }.map(\.offset))
    }

    private var place: DisplayText? {
        guard list.isLoaded else { return nil }
        var parts: [String] = []
        if let number = list.selectedNumber ?? list.numberFromEnd(of: exactTotal) {
            parts.append(Figure.exact(number).string)
        }
        if let total {
            parts.append(parts.isEmpty ? total.string : "of \(total)")
        } else if !list.hasLater, list.selectedNumber != nil, let last = list.lastNumber {
            parts.append("of \(Figure.exact(last))")
        } else if list.hasLater || list.hasEarlier {
            // How many there are is not counted: how many were seen, or where one is, says more.
            parts.append(
                list.lastNumber.map { "of more than \(Figure.exact($0))" }
                    ?? (list.hasLater ? "amid more" : "at the end"))
        }
        return parts.isEmpty ? nil : DisplayText(parts.joined(separator: " "))
    }
}
