import Tenancy

extension Value {
    /// A value of a row: for people as PostgreSQL writes it, for programs as a number, a truth value or JSON where it is one,
    /// and a moment in UTC.
    init(_ value: TableValue, _ kind: ValueKind, isForPeople: Bool) {
        guard let text = value.text else {
            self = .none
            return
        }
        guard !isForPeople else {
            self = .text(value.isWhole ? text : text + "… (\(value.bytes) bytes)")
            return
        }
        self =
            switch kind {
            case .boolean: .truth(text == "true" || text == "t")
            case .number where Self.isJSONNumber(text), .json: .json(text)
            case .moment: .text(value.exactMoment ?? text)
            default: .text(text)
            }
    }

    /// Whether JSON writes this number so; it knows neither `NaN` nor infinity nor a currency.
    private static func isJSONNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits(_ rest: inout Substring.UTF8View) -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leading = rest.first
        let whole = digits(&rest)
        guard whole > 0, whole == 1 || leading != UInt8(ascii: "0") else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits(&rest) > 0 else { return false }
        }
        if let exponent = rest.first, exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            guard digits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }
}

/// One row as text, a column a line; a value of several lines is indented under its name.
enum RowText {
    static func write(_ column: TableColumn, _ value: TableValue, _ table: TenantTable) throws {
        let names = table.references(from: column.name).map { key in
            " → \(key.referencedTable)(\(key.referencedColumns.joined(separator: ",")))"
        }
        try PlainText.write(column.name, value.text ?? "NULL", note: names.joined())
    }

    static func write(redacted column: TableColumn) throws {
        try PlainText.write(column.name, "redacted here")
    }

    /// Says which rows of another table name this one, as `piste rows` finds them.
    static func write(pointer key: ForeignKey, _ values: [String]) throws {
        try PlainText.write("named by", "\(key.table) \(values.joined(separator: " "))")
    }
}
