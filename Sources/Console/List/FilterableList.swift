/// A list with a line that it is filtered by.
protocol FilterableList {
    var filter: TextField { get set }
    var isFiltering: Bool { get set }
    /// What it was filtered by before, for `↑` to bring back.
    var lastFilter: String { get set }
}

extension FilterableList {
    /// Notes that the line is typed in, or no more; what stands in it is what comes back.
    mutating func setFiltering(_ on: Bool) {
        isFiltering = on
        if !filter.isEmpty { lastFilter = filter.text }
    }

    /// Whether `↑` in the line brings something back.
    var hasLastFilter: Bool { filter.isEmpty && !lastFilter.isEmpty }
}

extension ListState: FilterableList {}
extension ShortList: FilterableList {}
extension ProofState: FilterableList {}
