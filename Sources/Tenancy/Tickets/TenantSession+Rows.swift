import Postgres

/// Rows of any table that the ticket names.
///
/// Names of tables and columns are quoted, values travel beside the SQL. They are for sessions by ticket; a context throws
/// `invalid`, because there a read is declared first.
extension TenantSession {
    /// Runs one statement and gives its rows; values stand in the statement as `$1`, `$2` and so on.
    public func rows(_ sql: String, _ values: TenantValue...) async throws(TenancyError) -> [TenantRow] {
        try await run(sql, values, isOwn: true).map { TenantRow(row: $0) }
    }

    /// Runs one statement and gives its rows as values of the caller's own type.
    public func rows<Model: Decodable & Sendable>(
        _ sql: String, _ values: TenantValue..., as type: Model.Type
    ) async throws(TenancyError) -> [Model] {
        var models: [Model] = []
        for row in try await run(sql, values, isOwn: true) { models.append(try TenantRow(row: row).decode()) }
        return models
    }

    /// Runs one statement and gives how many rows it touched.
    @discardableResult
    public func execute(_ sql: String, _ values: TenantValue...) async throws(TenancyError) -> Int {
        try await run(sql, values, isOwn: true).affected
    }

    /// Reads one page of a table in the order of a key.
    ///
    /// - Parameters:
    ///   - table: a table that the ticket names.
    ///   - key: columns that are never NULL and together tell rows apart, such as `["name", "id"]`; an index on them serves.
    ///   - place: behind which row the page begins; nil for the first page.
    ///   - descending: from the last row to the first.
    ///   - limit: how many rows at most, 1 or more.
    public func page(
        of table: String, by key: [String] = ["id"], after place: RowKey? = nil, descending: Bool = false,
        limit: Int = 50
    ) async throws(TenancyError) -> RowPage {
        guard !key.isEmpty, limit > 0, place.map({ $0.values.count == key.count }) ?? true else {
            throw TenancyError(.invalid, "A page has a key, at least one row, and a place of that key.")
        }
        let columns = key.map(Quoted.identifier)
        let direction = descending ? " DESC" : ""
        let bound = place.map { place in
            let marks = place.values.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            return "WHERE (\(columns.joined(separator: ", "))) \(descending ? "<" : ">") (\(marks)) "
        }
        let rows = try await run(
            "SELECT * FROM \(Quoted.identifier(table)) \(bound ?? "")"
                + "ORDER BY \(columns.map { $0 + direction }.joined(separator: ", ")) LIMIT \(limit + 1)",
            (place?.values ?? []).map { .text($0) })
        let page = rows.prefix(limit).map { TenantRow(row: $0) }
        guard rows.count > limit, let last = page.last else { return RowPage(rows: page, next: nil) }
        var values: [String] = []
        for column in key { values.append(try last.text(column)) }
        return RowPage(rows: page, next: RowKey(values))
    }

    /// Inserts a row and gives it as it is now, with what the database filled in.
    @discardableResult
    public func insert(
        into table: String, _ values: [String: TenantValue]
    ) async throws(TenancyError) -> TenantRow {
        let columns = values.keys.sorted()
        let sql =
            columns.isEmpty
            ? "DEFAULT VALUES"
            : "(\(columns.map(Quoted.identifier).joined(separator: ", "))) VALUES (\(Self.marks(columns.count)))"
        let rows = try await run(
            "INSERT INTO \(Quoted.identifier(table)) \(sql) RETURNING *", columns.compactMap { values[$0] })
        guard let row = rows.first else { throw TenancyError(.failed, "Nothing was inserted.") }
        return TenantRow(row: row)
    }

    /// Changes the rows that have these values, and gives how many there were.
    @discardableResult
    public func update(
        _ table: String, _ values: [String: TenantValue], where key: [String: TenantValue]
    ) async throws(TenancyError) -> Int {
        let (columns, keys) = (values.keys.sorted(), key.keys.sorted())
        guard !columns.isEmpty, !keys.isEmpty else {
            throw TenancyError(.invalid, "An update says what to change, and of which rows.")
        }
        let changes = columns.enumerated().map { "\(Quoted.identifier($1)) = $\($0 + 1)" }.joined(
            separator: ", ")
        return try await run(
            "UPDATE \(Quoted.identifier(table)) SET \(changes) WHERE \(Self.condition(keys, behind: columns.count))",
            columns.compactMap { values[$0] } + keys.compactMap { key[$0] }
        ).affected
    }

    /// Deletes the rows that have these values, and gives how many there were.
    @discardableResult
    public func delete(from table: String, where key: [String: TenantValue]) async throws(TenancyError) -> Int
    {
        let keys = key.keys.sorted()
        guard !keys.isEmpty else { throw TenancyError(.invalid, "A deletion says which rows.") }
        return try await run(
            "DELETE FROM \(Quoted.identifier(table)) WHERE \(Self.condition(keys, behind: 0))",
            keys.compactMap { key[$0] }
        ).affected
    }

    private func run(
        _ sql: String, _ values: [TenantValue], isOwn: Bool = false
    ) async throws(TenancyError) -> Rows {
        guard let ticket = wire.ticket else {
            throw TenancyError(.invalid, "Statements of one's own are for sessions by ticket.")
        }
        if isOwn { ticket.noteOwnSQL() }
        return try await gated(sql, values.map(\.parameter))
    }

    private static func marks(_ count: Int) -> String {
        (1...max(count, 1)).map { "$\($0)" }.joined(separator: ", ")
    }

    private static func condition(_ keys: [String], behind count: Int) -> String {
        keys.enumerated().map { "\(Quoted.identifier($1)) IS NOT DISTINCT FROM $\(count + $0 + 1)" }
            .joined(separator: " AND ")
    }
}
