import Postgres

/// The order in which a table's rows are listed, and where a page of it begins.
///
/// With a key it is the sort column's order and then the key's, so that no two rows stand in one place. NULL comes last, and
/// first when it goes down: as PostgreSQL's indexes have it. Without a key, rows are counted: in the order in which they lie,
/// or sorted by every column.
struct RowsOrder {
    /// The columns that order the rows; behind the first they are never NULL.
    ///
    /// Empty where rows are counted as they lie.
    let columns: [TableColumn]
    let ascending: Bool
    /// Whether places are the number of rows before them.
    let isCounted: Bool
    /// The index that gives this order; nil where all rows are read for a page.
    let index: String?

    init(_ table: TenantTable, by sort: String?, ascending: Bool) throws(TenancyError) {
        self.ascending = ascending
        let sorted = try sort.map { name throws(TenancyError) in try table.readable(name) }
        guard !table.key.isEmpty else {
            isCounted = true
            index = nil
            // Rows that are the same in every column may change places and nobody sees it.
            columns = sorted.map { first in [first] + table.visibleColumns.filter { $0 != first } } ?? []
            return
        }
        isCounted = false
        let indexed = table.indexedOrder(by: sort ?? table.key[0], alongKey: sort == nil)
        var names = indexed?.columns ?? (sort.map { [$0] } ?? table.key)
        if indexed?.isWhole != true { names += table.key.filter { !names.contains($0) } }
        index = indexed?.index
        columns = names.compactMap { table.column($0) }
    }

    /// The ORDER BY over `c` as `o0`, `o1` …, as it is read: towards the end, or away from it.
    func orderBy(_ expressions: [String], goesUp: Bool) -> String {
        guard !expressions.isEmpty else { return "" }
        return "ORDER BY "
            + expressions.map { $0 + (goesUp ? " ASC" : " DESC") }.joined(separator: ", ")
    }

    /// What a page's rows fulfil, one condition a part of the order: rows of a later part stand behind all of an earlier one.
    ///
    /// The empty condition holds for every row.
    func parts(
        from anchor: [String?], includingIt: Bool, goesUp: Bool, mark: (Parameter) -> String
    ) throws(TenancyError) -> [String] {
        guard anchor.count == columns.count, anchor.dropFirst().allSatisfy({ $0 != nil }) else {
            throw TenancyError(.invalid, "This is no place in this order.")
        }
        let comparison = (goesUp ? ">" : "<") + (includingIt ? "=" : "")
        let expressions = columns.map(RowsStatement.ordered)
        func compared(_ places: Range<Int>) -> String {
            let marks = places.map { mark(Parameter(anchor[$0])) }
            return
                "(\(expressions[places].joined(separator: ", "))) \(comparison) (\(marks.joined(separator: ", ")))"
        }
        // A composite value of nothing but NULL is a value, and yet IS NULL holds for it: its text is asked.
        let first = expressions[0]
        guard columns[0].isNullable else { return [compared(0..<columns.count)] }
        if anchor[0] == nil {
            let rest =
                columns.count > 1 ? " AND " + compared(1..<columns.count) : includingIt ? "" : " AND false"
            return ["\(first) IS NULL" + rest] + (goesUp ? [] : ["\(first) IS NOT NULL"])
        }
        return [compared(0..<columns.count)] + (goesUp ? ["\(first) IS NULL"] : [])
    }
}
