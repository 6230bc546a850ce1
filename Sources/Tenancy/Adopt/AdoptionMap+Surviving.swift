extension AdoptionMap {
    /// What is left of the map once a migration has dropped what it names: what is shown until it is mended.
    ///
    /// A table of which a redacted column is gone gets no window, since what came in its place may hold the same secret. What is
    /// said of other columns that are gone is left out, and so are the users or journeys whose table or id is.
    public func surviving(among families: [SchemaFamily]) -> AdoptionMap {
        var columns: [String: Set<String>] = [:]
        for look in families.flatMap(\.tables) { columns[look.name, default: []].formUnion(look.columns) }
        var map = self
        map.tables = [:]
        for (name, table) in tables {
            guard let known = columns[name] else { continue }
            let redacted = table.redact?.filter(known.contains)
            map.tables[name] = Table(
                redact: redacted, hide: table.hide || redacted?.count != table.redact?.count,
                change: table.change.filter(known.contains),
                statistics: table.statistics.filter(known.contains))
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
