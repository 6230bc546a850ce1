import Tenancy

/// A column that PostgreSQL orders a list by.
protocol ListOrder: RawRepresentable, CaseIterable, Equatable where RawValue == String, AllCases == [Self] {
    /// Whether its smallest values are what people look for first.
    var startsAscending: Bool { get }
}

extension ListOrder {
    /// The one behind it; behind the last comes the first.
    fileprivate var next: Self {
        Self.allCases[(Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0) % Self.allCases.count]
    }
}

/// A screen whose list PostgreSQL orders, each time anew.
protocol OrderedScreen: ListedScreen where List == ListState<Row> {
    associatedtype Row: Anchored
    associatedtype Sort: ListOrder

    var sort: Sort { get set }
    var ascending: Bool { get set }
}

extension OrderedScreen {
    var orderShown: (name: String, ascending: Bool) { (sort.rawValue, ascending) }

    /// Asks for the next order, or for this one the other way round; the console keeps what is asked for the next run.
    func askForOrder(reversed: Bool, _ shell: inout Shell) {
        guard let table = Self.table else { return }
        let next = reversed ? sort : sort.next
        shell.passage = .order(
            table, by: next.rawValue, ascending: reversed ? !ascending : next.startsAscending)
    }

    /// Orders the list by a column, from the beginning; says whether there is such a one.
    mutating func reorder(by name: String, ascending: Bool) -> Bool {
        guard let sort = Sort(rawValue: name) else { return false }
        (self.sort, self.ascending) = (sort, ascending)
        list.restart()
        return true
    }

    /// Takes the order in which the list was shown before.
    mutating func takeOrder(_ kept: [ListScreen: TableShown]) {
        guard let shown = Self.table.flatMap({ kept[$0] }),
            let sort = shown.sort.flatMap(Sort.init(rawValue:))
        else { return }
        (self.sort, ascending) = (sort, shown.ascending ?? sort.startsAscending)
    }
}
