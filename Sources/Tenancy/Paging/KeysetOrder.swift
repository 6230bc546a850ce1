import Postgres

/// The SQL of one page of a keyset-paged list: its bound, its order, and how its rows are turned around.
///
/// The column is one of a closed set; values travel as parameters.
struct KeysetOrder {
    /// The sort column, for instance `u.name`.
    let column: String
    /// The type that the key is read back as, for instance `timestamptz`.
    let type: String
    /// The id column that breaks ties.
    let id: String
    let ascending: Bool
    /// Whether the column and the id are of two tables: then an index knows only the column's part of the bound.
    var isOfTwoTables = false

    /// What a page's place comes to in SQL.
    struct Bound {
        /// A condition, or nothing; its parameters are numbered from `first`.
        var condition = ""
        var parameters: [Parameter] = []
        var orderBy: String
        var isBackward: Bool
        /// What a later row of the page is to an earlier one: greater or less.
        var comparison: String
    }

    func bound(_ place: PageRequest<Keyset>.Place, firstParameter first: Int) -> Bound {
        let isBackward: Bool
        var anchor: (keyset: Keyset, includesItself: Bool)?
        switch place {
        case .start: isBackward = false
        case .end: isBackward = true
        case .after(let keyset): (isBackward, anchor) = (false, (keyset, false))
        case .before(let keyset): (isBackward, anchor) = (true, (keyset, false))
        case .from(let keyset): (isBackward, anchor) = (false, (keyset, true))
        }
        let goesUp = ascending != isBackward
        let direction = goesUp ? "ASC" : "DESC"
        var bound = Bound(
            orderBy: "\(column) \(direction), \(id) \(direction)", isBackward: isBackward,
            comparison: goesUp ? ">" : "<")
        if let anchor {
            let comparison = (goesUp ? ">" : "<") + (anchor.includesItself ? "=" : "")
            bound.condition =
                "AND (\(column), \(id)) \(comparison) ($\(first)::\(type), $\(first + 1)::bigint)"
            if isOfTwoTables {
                bound.condition += " AND \(column) \(goesUp ? ">=" : "<=") $\(first)::\(type)"
            }
            bound.parameters = [.text(anchor.keyset.key), .int(anchor.keyset.id)]
        }
        return bound
    }
}
