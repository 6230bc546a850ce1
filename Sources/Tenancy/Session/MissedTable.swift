import Postgres

/// A table of the company that was read while it was shut, so that it gave no rows, whatever it holds.
public struct MissedTable: Hashable, Sendable {
    /// The table's name.
    public let name: String
    /// Why it was shut, in the engine's words.
    public let why: String

    static let question = "SELECT resource, why FROM piste.missed_reasons()"

    init(name: String, why: String) {
        self.name = name
        self.why = why
    }

    init(row: Row) throws(PostgresError) {
        name = try row.string("resource")
        why = try row.string("why")
    }
}
