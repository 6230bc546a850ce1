import Terminal

/// A list that is neither filtered nor ordered: what is looked for in it is found elsewhere.
protocol UnfilteredList: FilterableList {}

extension UnfilteredList {
    static var isShort: Bool { true }
    var filter: TextField {
        get { TextField() }
        set {}
    }
    var meaning: FilterMeaning { FilterMeaning() }
    var isFiltering: Bool {
        get { false }
        set {}
    }
    var lastFilter: String {
        get { "" }
        set {}
    }
    var order: Table.Order? {
        get { nil }
        set {}
    }

    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool { false }
}

/// A few rows that are drawn from the first one on; the selection follows the row's identity.
struct PlainList<Row: Identifiable & Equatable & Sendable>: UnfilteredList where Row.ID: Sendable {
    var rows: [Row] = []
    var selected: Row.ID?

    var count: Int { rows.count }
    var top: Int { 0 }
    var selectedIndex: Int? { rows.firstIndex { $0.id == selected } }
    var selectedRow: Row? { selectedIndex.map { rows[$0] } }

    mutating func fit(height: Int) {}

    mutating func move(by delta: Int) {
        guard let index = selectedIndex else { return }
        selected = rows[min(max(0, index + delta), rows.count - 1)].id
    }
}
