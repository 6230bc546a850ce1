/// A row of a list that is read as a whole.
protocol ShortRow: Identifiable, Equatable, Sendable where ID: Sendable {
    /// What a filter looks at.
    var texts: [String?] { get }
    /// The orders of the list's columns, from the left; nil where a column has none.
    static var orders: [(@Sendable (Self, Self) -> Bool)?] { get }
}

/// A list that is read as a whole, filtered and ordered here; the selection follows the row's identity.
struct ShortList<Row: ShortRow>: Equatable, Sendable {
    /// Every row, in the server's order.
    var rows: [Row] = [] {
        didSet { arrange() }
    }
    var filter = TextField() {
        didSet {
            meaning.read(filter.text)
            arrange()
        }
    }
    /// Nil for the server's order.
    var order: Table.Order? {
        didSet { arrange() }
    }
    var isFiltering = false
    var lastFilter = ""
    var selected: Row.ID?
    var top = 0
    /// How its rows are read.
    var reading = Reading()
    /// What was asked of a row before the rows were in.
    private var wish: Command?
    private(set) var meaning = FilterMeaning()
    /// The rows that are shown, as they are shown.
    private(set) var visible: [Row] = []

    var selectedIndex: Int? { visible.firstIndex { $0.id == selected } }
    var selectedRow: Row? { selectedIndex.map { visible[$0] } }

    private mutating func arrange() {
        let before = selectedIndex
        visible = meaning.admitted(of: rows, \.texts)
        if let order,
            let precedes = Row.orders.indices.contains(order.column) ? Row.orders[order.column] : nil
        {
            visible = visible.enumerated().sorted { one, other in
                // Equal rows keep the order they came in.
                let (first, second) = order.isAscending ? (one, other) : (other, one)
                if precedes(first.element, second.element) { return true }
                if precedes(second.element, first.element) { return false }
                return one.offset < other.offset
            }.map(\.element)
        }
        if selected != nil, selectedIndex == nil, !visible.isEmpty {
            selected = visible[min(before ?? 0, visible.count - 1)].id
        }
        top = min(top, max(0, visible.count - 1))
    }

    /// Keeps the selected row on screen, and selects the first one where none is.
    mutating func fit(height: Int) { move(by: 0, height: height) }

    mutating func move(by delta: Int, height: Int) {
        guard !visible.isEmpty else { return }
        let reached = min(max(0, (selectedIndex ?? 0) + delta), visible.count - 1)
        selected = visible[reached].id
        top = Scrolling.top(top, showing: reached, of: visible.count, height: height)
    }

    mutating func keep(_ command: Command) -> Bool {
        guard selectedRow == nil, !reading.isLoaded else { return false }
        wish = command
        return true
    }

    mutating func takeWish() -> Command? {
        guard reading.isLoaded else { return nil }
        defer { wish = nil }
        return wish
    }

    mutating func forgetWish() { wish = nil }

    /// Goes on to the next column's order, and from the last one back to the server's.
    mutating func orderByNextColumn() {
        let columns = Row.orders.indices.filter { Row.orders[$0] != nil }
        let next = order.map { order in columns.first { $0 > order.column } } ?? columns.first
        order = next.map { Table.Order(column: $0, isAscending: true) }
    }

    /// Turns the order around; says whether there is one.
    mutating func turnAround() -> Bool {
        guard order != nil else { return false }
        order?.isAscending.toggle()
        return true
    }

    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool {
        edit(&filter)
        top = 0
        selected = visible.first?.id ?? selected
        return false
    }
}
