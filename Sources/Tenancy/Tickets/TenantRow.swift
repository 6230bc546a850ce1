public import FoundationEssentials
import Postgres

/// One row of a company's table, with its columns by name.
///
/// The plain readers throw `invalid` for NULL, for a column that is not there and for a value of another type; the
/// `optional…` readers give nil for NULL.
public struct TenantRow: Sendable {
    let row: Row

    /// The columns' names, in the order in which they were asked for.
    public var columns: [String] { row.columns }

    /// The value as PostgreSQL writes it; nil for NULL and for a column that is not there.
    public subscript(column: String) -> String? { try? row.optionalString(column) }

    /// The text of any value.
    public func text(_ column: String) throws(TenancyError) -> String {
        try read { row throws(PostgresError) in try row.string(column) }
    }

    /// The text of any value, or nil for NULL.
    public func optionalText(_ column: String) throws(TenancyError) -> String? {
        try read { row throws(PostgresError) in try row.optionalString(column) }
    }

    /// A whole number.
    public func integer(_ column: String) throws(TenancyError) -> Int64 {
        try read { row throws(PostgresError) in Int64(try row.int(column)) }
    }

    /// A whole number, or nil for NULL.
    public func optionalInteger(_ column: String) throws(TenancyError) -> Int64? {
        try read { row throws(PostgresError) in try row.optionalInt(column).map(Int64.init) }
    }

    /// A number.
    public func number(_ column: String) throws(TenancyError) -> Double {
        try read { row throws(PostgresError) in try row.double(column) }
    }

    /// True or false.
    public func boolean(_ column: String) throws(TenancyError) -> Bool {
        try read { row throws(PostgresError) in try row.bool(column) }
    }

    /// A moment.
    public func moment(_ column: String) throws(TenancyError) -> Date {
        try read { row throws(PostgresError) in try row.date(column) }
    }

    /// A moment, or nil for NULL.
    public func optionalMoment(_ column: String) throws(TenancyError) -> Date? {
        try read { row throws(PostgresError) in try row.optionalDate(column) }
    }

    /// Bytes.
    public func bytes(_ column: String) throws(TenancyError) -> [UInt8] {
        try read { row throws(PostgresError) in try row.bytes(column) }
    }

    /// The row as a value of the caller's own type, whose properties are named like the columns (`createdAt` finds
    /// `created_at`).
    ///
    /// - Throws: `invalid`, naming the column that does not fit.
    public func decode<Model: Decodable>(_ type: Model.Type = Model.self) throws(TenancyError) -> Model {
        do {
            return try Model(from: RowDecoder(row: row))
        } catch let error as TenancyError {
            throw error
        } catch {
            throw TenancyError(.invalid, "A row does not fit \(Model.self).")
        }
    }

    private func read<Value>(_ body: (Row) throws(PostgresError) -> Value) throws(TenancyError) -> Value {
        do {
            return try body(row)
        } catch {
            throw TenancyError(.invalid, "\(error.message).")
        }
    }
}
