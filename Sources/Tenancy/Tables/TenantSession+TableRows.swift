import Postgres

/// Rows of any table of the company, for people and for services alike; each look is declared, and is one record.
extension TenantSession {
    /// How many characters of a value a list shows when it does not say otherwise.
    public static let longestInLists = 200

    /// Lists rows of a table; the page's rows are in list order.
    ///
    /// - Parameters:
    ///   - table: as `tables` gave it.
    ///   - filter: what the rows must be; a text is looked for in the columns that are shown.
    ///   - columns: which to show; nil for all that this context may read.
    ///   - sort: the column that orders them; nil for the key's order, or where there is no key, the order in which they lie.
    ///   - ascending: whether the first in that order come first.
    ///   - longest: how many characters of a value to give; nil for whole values.
    ///   - page: how many, and from which row on.
    ///   - purpose: what they are read for.
    /// - Throws: `invalid` for a column that is not there or is redacted, and for a value that is none of the column's type;
    ///   `deadlineExceeded` where too many rows had to be looked through.
    public func rows(
        of table: TenantTable, matching filter: RowFilter = .all, columns: [String]? = nil,
        sort: String? = nil,
        ascending: Bool = true, longest: Int? = TenantSession.longestInLists,
        _ page: PageRequest<RowPlace> = PageRequest(), for purpose: ReadPurpose = .read
    ) async throws(TenancyError) -> Page<TableRow> {
        try await listed(
            of: table, matching: filter, columns: columns, sort: sort, ascending: ascending, longest: longest,
            page,
            as: "rows.\(purpose.rawValue)")
    }

    /// The same, told in the trail as `action`, with one more resource that the record names.
    func listed(
        of table: TenantTable, matching filter: RowFilter, columns: [String]?, sort: String?, ascending: Bool,
        longest: Int?, _ page: PageRequest<RowPlace>, as action: String, besides other: String? = nil
    ) async throws(TenancyError) -> Page<TableRow> {
        var statement = try RowsStatement(table, columns: columns, longest: longest)
        let order = try RowsOrder(table, by: sort, ascending: ascending)
        try statement.require(filter)
        var detail: [String: DeclaredValue] = ["limit": .number(Int64(page.limit))]
        if let sort { detail["sort"] = .text(sort) }
        if !filter.conditions.isEmpty { detail["filter"] = .text(filter.told) }
        if let columns { detail["columns"] = .text(String(columns.joined(separator: ",").prefix(1000))) }
        let resources = [table.resource] + (other.map { $0 == table.resource ? [] : [$0] } ?? [])
        try await declare(action, resources.joined(separator: ","), detail)
        let isQuick = order.index != nil && filter.conditions.isEmpty
        let patience = isQuick ? Wire.patience : Filter.patience
        do {
            return order.isCounted
                ? try await counted(statement, order, page, patience)
                : try await keyed(statement, order, page, patience)
        } catch {
            throw Self.explained(error, isQuick: isQuick)
        }
    }

    /// Reads one row by the values of the table's key, with all of every value; nil when there is none.
    public func row(of table: TenantTable, key: [String]) async throws(TenancyError) -> TableRow? {
        guard !table.key.isEmpty, table.key.count == key.count else {
            throw TenancyError(
                .invalid,
                table.key.isEmpty
                    ? "\(table.name) has no key that tells its rows apart."
                    : "The key of \(table.name) is \(table.key.joined(separator: ", ")).")
        }
        var statement = try RowsStatement(table, columns: nil, longest: nil)
        try statement.require(RowFilter(zip(table.key, key).map { RowCondition($0, .equals($1)) }))
        let named: DeclaredValue =
            key.count == 1 && table.column(table.key[0])?.kind == .number
            ? Int64(key[0]).map { .number($0) } ?? .text(String(key[0].prefix(200)))
            : .text(String(key.joined(separator: ", ").prefix(1000)))
        try await declare("rows.read", table.resource, ["row": named])
        let sql = statement.shown(statement.rows(statement.raw, [], "LIMIT 1"), beside: [], orderBy: "")
        do {
            guard let row = try await gated(sql, statement.parameters).first else { return nil }
            let (values, _) = try row.read { row throws(PostgresError) in try statement.read(row) }
            return TableRow(values: values, key: key, place: RowPlace(key))
        } catch {
            throw Self.explained(error, isQuick: true)
        }
    }

    /// Counts the rows of a table that fit.
    public func countRows(
        of table: TenantTable, matching filter: RowFilter = .all
    ) async throws(TenancyError) -> Int64 {
        var statement = try RowsStatement(table, columns: nil, longest: nil)
        try statement.require(filter)
        let detail: [String: DeclaredValue] =
            filter.conditions.isEmpty ? [:] : ["filter": .text(filter.told)]
        try await declare("rows.count", table.resource, detail)
        do {
            return try await count(statement)
        } catch {
            throw Self.explained(error, isQuick: false)
        }
    }

    /// The most rows among which values are counted.
    public static let mostCounted = 1_000_000

    /// Counts how often the values of a column occur, the most frequent first; in a larger table, among its first million rows.
    public func frequency(
        of column: String, in table: TenantTable, matching filter: RowFilter = .all, limit: Int = 50
    ) async throws(TenancyError) -> ColumnFrequency {
        var statement = try RowsStatement(table, columns: [column], longest: Self.longestInLists)
        try statement.require(filter)
        var detail: [String: DeclaredValue] = ["column": .text(column), "limit": .number(Int64(limit))]
        if !filter.conditions.isEmpty { detail["filter"] = .text(filter.told) }
        try await declare("rows.count", table.resource, detail)
        let value = RowsStatement.ordered(statement.columns[0])
        let sql = """
            WITH looked AS (
                \(statement.rows(["\(value) AS v"], [], "LIMIT \(Self.mostCounted + 1)"))
            ), share AS MATERIALIZED (
                SELECT v, count(*) AS n FROM looked GROUP BY v
            )
            \(statement.shown(
                "SELECT v AS c0, n FROM share ORDER BY n DESC, v LIMIT \(max(1, limit))",
                beside: [
                    "q.n::text", "(SELECT pg_catalog.sum(n) FROM share)::text",
                    "(SELECT pg_catalog.count(*) FROM share)::text",
                ], orderBy: "ORDER BY q.n DESC, q.c0"))
            """
        do {
            let rows = try await gated(sql, statement.parameters, deadline: Filter.patience)
            let read = try rows.read { row throws(PostgresError) in try statement.read(row) }
            let looked = read.first.flatMap { $0.rest[1] }.flatMap { Int64($0) } ?? 0
            return ColumnFrequency(
                shares: read.map { share in
                    ColumnFrequency.Share(
                        value: share.values[0], rows: share.rest[0].flatMap { Int64($0) } ?? 0)
                },
                rows: min(looked, Int64(Self.mostCounted)),
                different: read.first.flatMap { $0.rest[2] }.flatMap { Int64($0) } ?? 0,
                isSample: looked > Self.mostCounted)
        } catch {
            throw Self.explained(error, isQuick: false)
        }
    }

    // MARK: Pages

    private func keyed(
        _ statement: RowsStatement, _ order: RowsOrder, _ page: PageRequest<RowPlace>, _ patience: Duration
    ) async throws(TenancyError) -> Page<TableRow> {
        var statement = statement
        let isBackward = page.place.isBackward
        let goesUp = order.ascending != isBackward
        let table = statement.table
        let ordered = order.columns.map(RowsStatement.ordered)
        let keys = table.key.compactMap { table.column($0) }
        let what =
            statement.raw + ordered.enumerated().map { "\($1) AS o\($0)" }
            + keys.enumerated().map { "\(RowsStatement.named($1)) AS k\($0)" }
        let tail = "\(order.orderBy(ordered, goesUp: goesUp)) LIMIT \(page.limit + 1)"
        let outer = order.orderBy(ordered.indices.map { "q.o\($0)" }, goesUp: goesUp)
        var source = statement.rows(what, [], tail)
        if let (anchor, includesIt) = page.place.anchor {
            let parts = try order.parts(from: anchor.values, includingIt: includesIt, goesUp: goesUp) {
                statement.mark($0)
            }
            source =
                parts.count > 1 && order.index != nil
                // Each part is a stretch of the index; asked for together, they would be none.
                ? parts.map { "(\(statement.rows(what, [$0], tail)))" }.joined(separator: " UNION ALL ")
                : statement.rows(what, ["(" + parts.joined(separator: " OR ") + ")"], tail)
        }
        let beside =
            ordered.indices.map { "q.o\($0)::text" } + keys.indices.map { "q.k\($0)::text" }
        let sql = statement.shown(source, beside: beside, orderBy: outer + " LIMIT \(page.limit + 1)")
        let rows = try await gated(sql, statement.parameters, deadline: patience)
        let read = try rows.read { row throws(PostgresError) in
            let (values, rest) = try statement.read(row)
            return TableRow(
                values: values, key: rest.suffix(keys.count).map { $0 ?? "" },
                place: RowPlace(Array(rest.prefix(ordered.count))))
        }
        return Page(rows: read, limit: page.limit, backward: isBackward)
    }

    /// A page of a table without a key: rows are counted from the first, in the order in which they lie or sorted by all columns.
    private func counted(
        _ statement: RowsStatement, _ order: RowsOrder, _ page: PageRequest<RowPlace>, _ patience: Duration
    ) async throws(TenancyError) -> Page<TableRow> {
        var statement = statement
        let first: Int
        var limit = page.limit
        if let (anchor, includesIt) = page.place.anchor {
            guard anchor.values.count == 1, let place = anchor.values[0].flatMap({ Int($0) }), place >= 0
            else {
                throw TenancyError(.invalid, "This is no place in this order.")
            }
            if page.place.isBackward {
                first = max(0, place - limit)
                limit = min(limit, place)
            } else {
                first = includesIt ? place : place + 1
            }
        } else if page.place.isBackward {
            first = max(0, Int(try await count(statement)) - limit)
        } else {
            first = 0
        }
        // Elsewhere a large table may be read from where another reader is; then every page would begin somewhere else.
        statement.require("(SELECT pg_catalog.set_config('synchronize_seqscans', 'off', true)) = 'off'")
        let ordered = order.columns.map(RowsStatement.ordered)
        let tail =
            "\(order.orderBy(ordered, goesUp: order.ascending)) LIMIT \(limit + 1) OFFSET \(first)"
        let what = statement.raw + ["NULL AS nothing"]
        let sql = statement.shown(statement.rows(what, [], tail), beside: [], orderBy: "")
        let rows = try await gated(sql, statement.parameters, deadline: patience)
        var read: [TableRow] = []
        for (number, row) in rows.enumerated() {
            let (values, _) = try row.read { row throws(PostgresError) in try statement.read(row) }
            read.append(TableRow(values: values, key: nil, place: RowPlace([String(first + number)])))
        }
        let isBackward = page.place.isBackward
        return Page(
            rows: Array(read.prefix(limit)), hasMore: isBackward ? first > 0 : read.count > limit)
    }

    private func count(_ statement: RowsStatement) async throws(TenancyError) -> Int64 {
        let rows = try await gated(
            statement.rows(["count(*)"], [], ""), statement.parameters, deadline: Filter.patience)
        return Int64(try rows.first?.read { row throws(PostgresError) in try row.int(0) } ?? 0)
    }

    /// A failure in words that help: a value of another type, or too many rows.
    private static func explained(_ error: TenancyError, isQuick: Bool) -> TenancyError {
        if let state = error.sqlState, state.hasPrefix("22"), error.code == .failed {
            return TenancyError(.invalid, "\(error.message).", sqlState: state)
        }
        guard error.code == .deadlineExceeded, !isQuick else { return error }
        return TenancyError(
            .deadlineExceeded,
            "Too many rows to look through. Narrow it down by an indexed column, or list them by the key.")
    }
}

extension PageRequest.Place {
    /// Whether the page ends where the anchor is.
    var isBackward: Bool {
        switch self {
        case .start, .after, .from: false
        case .end, .before: true
        }
    }

    /// The anchor, and whether its row belongs to the page.
    var anchor: (Anchor, includesIt: Bool)? {
        switch self {
        case .start, .end: nil
        case .after(let anchor), .before(let anchor): (anchor, false)
        case .from(let anchor): (anchor, true)
        }
    }
}

extension RowFilter {
    /// What is asked for, as the record has it: beside the trail, since it may hold what stands in a row.
    var told: String {
        let words = conditions.map { condition in
            let column = condition.column.map { $0 + " " } ?? ""
            let test =
                switch condition.test {
                case .contains(let text): "has \(text)"
                case .equals(let text): "= \(text)"
                case .isLess(let text): "< \(text)"
                case .isLessOrEqual(let text): "<= \(text)"
                case .isGreater(let text): "> \(text)"
                case .isGreaterOrEqual(let text): ">= \(text)"
                case .isNull: "is null"
                case .fits(let expression): "fits \(expression.inPostgreSQL)"
                }
            return (condition.isInverse ? "not " : "") + column + test
        }
        return String(words.joined(separator: ", ").prefix(1000))
    }
}
