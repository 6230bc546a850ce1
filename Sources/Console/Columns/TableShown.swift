import Terminal

/// How one list is shown: by the titles of its columns, never by anything in them.
package struct TableShown: Hashable, Sendable, Codable {
    /// The columns that are switched off.
    var hidden: Set<String> = []
    /// The widths of columns that were given one.
    var widths: [String: Int] = [:]
    /// The column that orders the list; nil for the list's own.
    var sort: String?
    var ascending: Bool?

    static let widthsAllowed = 4...200
}

/// How every list is shown in this run.
struct ListsShown: Equatable, Sendable {
    /// Columns, widths, order.
    var tables: [ListScreen: TableShown] = [:]
    /// The columns that are switched off in the rows of tables, by the tables' names.
    var hiddenColumns: [String: Set<String>] = [:]
    /// How far the columns of each list are scrolled.
    var shifts: [ListScreen: Int] = [:]
}

/// How every list is shown, as it is kept between runs.
package struct TablesKept: Hashable, Sendable, Codable {
    var lists: [String: TableShown] = [:]
    /// The columns that are switched off in the rows of tables, by the tables' names; none in what older versions kept.
    var rows: [String: Set<String>]?

    package init() {}

    init(_ tables: [ListScreen: TableShown], rows: [String: Set<String>] = [:]) {
        lists = Dictionary(uniqueKeysWithValues: tables.map { ($0.rawValue, $1) })
        self.rows = rows.isEmpty ? nil : rows
    }

    /// What of it there is in this program, within what it allows.
    var tables: [ListScreen: TableShown] {
        var tables: [ListScreen: TableShown] = [:]
        for (name, kept) in lists {
            guard let screen = ListScreen(rawValue: name) else { continue }
            let titles = Set(screen.columns.dropFirst().map(\.title.string))
            var shown = TableShown(hidden: kept.hidden.intersection(titles))
            for column in screen.columns {
                if let width = kept.widths[column.title.string], TableShown.widthsAllowed.contains(width) {
                    shown.widths[column.title.string] = width
                }
            }
            if screen.columns.contains(where: { $0.sort == kept.sort && kept.sort != nil }) {
                (shown.sort, shown.ascending) = (kept.sort, kept.ascending)
            }
            tables[screen] = shown
        }
        return tables
    }
}
