import Postgres

/// The SQL that reads rows of any table through its window.
///
/// The names of tables and columns come from the catalogs and are quoted; whatever was typed travels as a parameter.
struct RowsStatement {
    let table: TenantTable
    let columns: [TableColumn]
    /// At most so many characters of a value; nil for all of them.
    let longest: Int?
    private(set) var parameters: [Parameter] = []
    private var conditions: [String] = []

    /// Throws `invalid` for a column that is not there or that is redacted.
    init(_ table: TenantTable, columns names: [String]?, longest: Int?) throws(TenancyError) {
        self.table = table
        self.longest = longest
        guard let names else {
            columns = table.visibleColumns
            return
        }
        var columns: [TableColumn] = []
        for name in names { columns.append(try table.readable(name)) }
        self.columns = columns
    }

    // MARK: Conditions

    mutating func mark(_ parameter: Parameter) -> String {
        parameters.append(parameter)
        return "$\(parameters.count)"
    }

    mutating func require(_ filter: RowFilter) throws(TenancyError) {
        for condition in filter.conditions {
            guard condition.test.text?.unicodeScalars.contains("\0") != true else {
                throw TenancyError(.invalid, "No text in PostgreSQL has a NUL character.")
            }
            let sql = try sql(condition)
            conditions.append(condition.isInverse ? "(\(sql)) IS NOT TRUE" : "(\(sql))")
        }
    }

    mutating func require(_ condition: String) { conditions.append(condition) }

    private mutating func sql(_ condition: RowCondition) throws(TenancyError) -> String {
        guard let name = condition.column else {
            let sql = try anywhere(condition.test)
            return sql.isEmpty ? "false" : sql.joined(separator: " OR ")
        }
        let column = try table.readable(name)
        return test(column, condition.test)
    }

    private mutating func anywhere(_ test: RowCondition.Test) throws(TenancyError) -> [String] {
        switch test {
        case .contains(let text):
            let fitting = columns.filter { $0.kind.canContain(text) }
            // A parameter that the statement does not use has no type.
            guard !fitting.isEmpty else { return [] }
            let mark = mark(.text(text))
            return fitting.map { FoldedText.matches(Self.text($0), mark) }
        case .fits(let expression):
            let fitting = columns.filter { $0.kind != .bytes }
            guard !fitting.isEmpty else { return [] }
            let mark = mark(.text(expression.inPostgreSQL))
            return fitting.map { Self.fits($0, mark) }
        default:
            throw TenancyError(.invalid, "A comparison names its column.")
        }
    }

    private mutating func test(_ column: TableColumn, _ test: RowCondition.Test) -> String {
        let value = Self.ordered(column)
        return switch test {
        case .contains(let text):
            FoldedText.matches(Self.text(column), mark(.text(text)))
        case .equals(let text): "\(value) = \(mark(.text(text)))"
        case .isLess(let text): "\(value) < \(mark(.text(text)))"
        case .isLessOrEqual(let text): "\(value) <= \(mark(.text(text)))"
        case .isGreater(let text): "\(value) > \(mark(.text(text)))"
        case .isGreaterOrEqual(let text): "\(value) >= \(mark(.text(text)))"
        case .isNull: "\(value) IS NULL"
        case .fits(let expression): Self.fits(column, mark(.text(expression.inPostgreSQL)))
        }
    }

    private static func fits(_ column: TableColumn, _ mark: String) -> String {
        "\(text(column)) COLLATE piste.human OPERATOR(pg_catalog.~*) \(mark)::text"
    }

    // MARK: Columns

    static func named(_ column: TableColumn) -> String { "t." + Quoted.identifier(column.name) }

    /// The value by which rows are ordered and compared.
    static func ordered(_ column: TableColumn) -> String {
        column.isOrdered ? named(column) : "(\(named(column))::text COLLATE pg_catalog.\"C\")"
    }

    private static func text(_ column: TableColumn) -> String { "\(named(column))::text" }

    // MARK: Rows

    /// The rows of `source`, which has the columns as `c0`, `c1` and so on: their texts, and of what may be cut, how many
    /// bytes it has.
    ///
    /// A text's length is known without reading it; what is written anew each time, such as JSON, is written once.
    func shown(_ source: String, beside more: [String], orderBy: String) -> String {
        var texts: [String] = []
        var written: [String] = []
        for (number, column) in columns.enumerated() {
            let value = "q.c\(number)"
            switch (column.kind, longest) {
            case (.bytes, nil): texts += ["'\\x' || pg_catalog.encode(\(value), 'hex')"]
            case (.bytes, let longest?):
                let begin = "pg_catalog.substring(\(value), 1, \(longest / 2))"
                texts += ["'\\x' || pg_catalog.encode(\(begin), 'hex')", "pg_catalog.octet_length(\(value))"]
            case (let kind, let longest?) where kind.canBeLong:
                let text: String
                if kind == .text {
                    text = "\(value)::text"
                } else {
                    written.append("\(value)::text AS w\(number)")
                    text = "w.w\(number)"
                }
                texts += ["pg_catalog.left(\(text), \(longest))", "pg_catalog.octet_length(\(text))"]
            default: texts += ["\(value)::text"]
            }
        }
        let lateral =
            written.isEmpty
            ? "" : "CROSS JOIN LATERAL (SELECT \(written.joined(separator: ", ")) OFFSET 0) w"
        let all = texts + more
        return """
            SELECT \(all.isEmpty ? "NULL" : all.joined(separator: ", ")) FROM (
            \(source)
            ) q \(lateral) \(orderBy)
            """
    }

    /// What `shown` gives of one row, and behind it as many further values as it was given.
    func read(_ row: Row) throws(PostgresError) -> (values: [TableValue], rest: [String?]) {
        var position = 0
        func next() throws(PostgresError) -> String? {
            defer { position += 1 }
            return try row.optionalString(position)
        }
        var values: [TableValue] = []
        values.reserveCapacity(columns.count)
        for column in columns {
            let isMeasured = longest != nil && (column.kind == .bytes || column.kind.canBeLong)
            let text = try next()
            let bytes = isMeasured ? try next().flatMap { Int($0) } : nil
            guard let text else {
                values.append(.null)
                continue
            }
            guard let bytes else {
                let count = column.kind == .bytes ? (text.utf8.count - 2) / 2 : text.utf8.count
                values.append(TableValue(text: text, bytes: count, isWhole: true))
                continue
            }
            let shown = column.kind == .bytes ? (text.utf8.count - 2) / 2 : text.utf8.count
            values.append(TableValue(text: text, bytes: bytes, isWhole: shown >= bytes))
        }
        var rest: [String?] = []
        while position < row.columns.count { rest.append(try next()) }
        return (values, rest)
    }

    /// The table's rows that were asked for: `what` of each, in some order.
    func rows(_ what: [String], _ further: [String] = [], _ tail: String) -> String {
        let all = conditions + further
        let condition = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
        return
            "SELECT \(what.joined(separator: ", ")) FROM \(Quoted.identifier(table.name)) t\(condition) \(tail)"
    }

    /// The columns that are shown, by the names that `shown` knows them by.
    var raw: [String] { columns.enumerated().map { "\(Self.named($1)) AS c\($0)" } }
}

extension TenantTable {
    /// A column that this context may read; throws `invalid` with what there is instead.
    func readable(_ name: String) throws(TenancyError) -> TableColumn {
        guard let column = column(name) else {
            let known = visibleColumns.map(\.name).joined(separator: ", ")
            throw TenancyError(.invalid, "\(self.name) has no column \(name); it has \(known).")
        }
        guard !column.isRedacted else {
            throw TenancyError(.invalid, "The column \(name) of \(self.name) is redacted here.")
        }
        return column
    }
}

extension RowCondition.Test {
    /// What was typed; nil where nothing was.
    fileprivate var text: String? {
        switch self {
        case .contains(let text), .equals(let text), .isLess(let text), .isLessOrEqual(let text),
            .isGreater(let text), .isGreaterOrEqual(let text):
            text
        case .fits(let expression): expression.inPostgreSQL
        case .isNull: nil
        }
    }
}

extension ValueKind {
    /// Whether a value may be longer than a cell.
    var canBeLong: Bool {
        switch self {
        case .text, .json, .array, .range, .composite, .geometry, .other, .number: true
        case .choice, .boolean, .uuid, .moment, .localMoment, .date, .time, .interval, .network, .bytes: false
        }
    }
}
