import Tenancy

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
