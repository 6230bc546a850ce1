import Terminal

/// A list on a screen: its filter, its order, its selection and where its window stands.
protocol FilterableList: Equatable, Sendable {
    var filter: TextField { get set }
    var meaning: FilterMeaning { get }
    var isFiltering: Bool { get set }
    /// What it was filtered by before, for `↑` to bring back.
    var lastFilter: String { get set }
    /// What orders it, where that is done here.
    var order: Table.Order? { get set }
    /// Whether all of it is here, so that it is filtered and ordered without asking.
    static var isShort: Bool { get }
    var count: Int { get }
    var top: Int { get }
    var selectedIndex: Int? { get }

    /// Edits the filter; says whether the server has to be asked for other rows.
    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool
    /// Keeps the selected row on screen.
    mutating func fit(height: Int)
    /// Keeps a command that needs a row until the rows are in; says whether it is kept.
    mutating func keep(_ command: Command) -> Bool
    /// The kept command, once: as soon as the rows that it was meant for are in.
    mutating func takeWish() -> Command?
    /// Another key was pressed: what was asked before does not happen later by surprise.
    mutating func forgetWish()
}

extension FilterableList {
    /// Notes that the line is typed in, or no more; what stands in it is what comes back.
    mutating func setFiltering(_ on: Bool) {
        isFiltering = on
        if !filter.isEmpty { lastFilter = filter.text }
    }

    // A list that is there as soon as its screen is keeps nothing.
    mutating func keep(_ command: Command) -> Bool { false }
    mutating func takeWish() -> Command? { nil }
    mutating func forgetWish() {}

    /// Whether `↑` in the line brings something back.
    var hasLastFilter: Bool { filter.isEmpty && !lastFilter.isEmpty }
}

extension ListState: FilterableList {
    static var isShort: Bool { false }
    var count: Int { rows.count }
    /// The server orders it.
    var order: Table.Order? {
        get { nil }
        set {}
    }
}

extension ShortList: FilterableList {
    static var isShort: Bool { true }
    var count: Int { visible.count }
}
