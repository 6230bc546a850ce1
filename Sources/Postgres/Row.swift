/// One row of an answer; values are read by the column's name or number, as the type that the caller names.
///
/// The plain readers throw `.decoding` on NULL, on an unknown column and on a text of another type; the
/// `optional…` readers give nil for NULL and throw on the other two.
package struct Row: Sendable {
    let result: QueryResult
    let index: Int

    package var columns: [String] { result.columns }

    package func string(_ column: some ColumnReference) throws(PostgresError) -> String {
        try present(optionalString(column), column)
    }

    package func optionalString(_ column: some ColumnReference) throws(PostgresError) -> String? {
        result.withValue(row: index, column: try position(of: column)) { String(decoding: $0, as: UTF8.self) }
    }

    package func int(_ column: some ColumnReference) throws(PostgresError) -> Int {
        try present(optionalInt(column), column)
    }

    package func optionalInt(_ column: some ColumnReference) throws(PostgresError) -> Int? {
        try decoded(column, "a whole number") { Int($0) }
    }

    package func double(_ column: some ColumnReference) throws(PostgresError) -> Double {
        try present(optionalDouble(column), column)
    }

    package func optionalDouble(_ column: some ColumnReference) throws(PostgresError) -> Double? {
        try decoded(column, "a number") { Double($0) }
    }

    package func bool(_ column: some ColumnReference) throws(PostgresError) -> Bool {
        try present(optionalBool(column), column)
    }

    package func optionalBool(_ column: some ColumnReference) throws(PostgresError) -> Bool? {
        try decoded(column, "true or false") { ["t": true, "f": false, "true": true, "false": false][$0] }
    }

    package func timestamp(_ column: some ColumnReference) throws(PostgresError) -> Timestamp {
        try present(optionalTimestamp(column), column)
    }

    package func optionalTimestamp(_ column: some ColumnReference) throws(PostgresError) -> Timestamp? {
        try decoded(column, "a moment in ISO form") { Timestamp($0) }
    }

    package func bytes(_ column: some ColumnReference) throws(PostgresError) -> [UInt8] {
        try present(optionalBytes(column), column)
    }

    package func optionalBytes(_ column: some ColumnReference) throws(PostgresError) -> [UInt8]? {
        try decoded(column, "bytes in hexadecimal form") { [UInt8](hexadecimal: $0) }
    }

    /// Tells whether the value is NULL.
    package func isNull(_ column: some ColumnReference) throws(PostgresError) -> Bool {
        result.withValue(row: index, column: try position(of: column)) { _ in } == nil
    }

    private func decoded<Value>(
        _ column: some ColumnReference,
        _ kind: String,
        _ decode: (String) -> Value?
    ) throws(PostgresError) -> Value? {
        guard let text = try optionalString(column) else { return nil }
        guard let value = decode(text) else {
            throw PostgresError(.decoding, "column \(column) does not hold \(kind)")
        }
        return value
    }

    private func present<Value>(_ value: Value?, _ column: some ColumnReference) throws(PostgresError)
        -> Value
    {
        guard let value else { throw PostgresError(.decoding, "column \(column) is NULL") }
        return value
    }

    private func position(of column: some ColumnReference) throws(PostgresError) -> Int {
        guard let position = column.position(in: result.columns) else {
            let known = result.columns.joined(separator: ", ")
            throw PostgresError(.decoding, "no column \(column) in this answer, which has: \(known)")
        }
        return position
    }
}

extension [UInt8] {
    /// Reads `\x0aff`, the form in which PostgreSQL writes bytea.
    fileprivate init?(hexadecimal text: String) {
        let digits = text.utf8.dropFirst(2)
        guard text.hasPrefix("\\x"), digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init) else {
                return nil
            }
            if let first = high {
                append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
    }
}
