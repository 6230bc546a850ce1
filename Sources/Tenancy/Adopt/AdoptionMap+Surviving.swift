extension AdoptionMap {
    /// What is left of the map once a migration has dropped what it names: what is shown until it is mended.
    ///
    /// A table of which a redacted column is gone gets no window, since what came in its place may hold the same secret. What is
    /// said of other columns that are gone is left out, and so are the users or journeys whose table or id is.
    public func surviving(among families: [SchemaFamily]) -> AdoptionMap {
        let columns = families.columnsByTable
        var map = self
        map.tables = [:]
        for (name, table) in tables {
            guard let known = columns[name] else { continue }
            var left = table.narrowed(to: known)
            if left.redact?.count != table.redact?.count { left.hide = true }
            map.tables[name] = left
        }
        func left(of played: [String: String]) -> [String: String] {
            guard let table = played["table"], let known = columns[table], map.tables[table]?.hide != true,
                played["id"].map(known.contains) == true
            else { return [:] }
            return played.filter { role, column in role == "table" || known.contains(column) }
        }
        map.users = left(of: users)
        map.journeys = left(of: journeys)
        return map
    }
}

extension AdoptionMap.Table {
    /// What is said of columns that there are.
    func narrowed(to known: Set<String>) -> Self {
        Self(
            redact: redact?.filter(known.contains), hide: hide, change: change.filter(known.contains),
            statistics: statistics.filter(known.contains))
    }
}

extension [SchemaFamily] {
    /// The columns of each table, of all families together.
    var columnsByTable: [String: Set<String>] {
        flatMap(\.tables).reduce(into: [:]) { $0[$1.name, default: []].formUnion($1.columns) }
    }
}
