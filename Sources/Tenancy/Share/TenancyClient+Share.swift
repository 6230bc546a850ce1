public import FoundationEssentials
import Postgres

/// A table that is the same for every company, and that everybody inside reads.
public struct SharedTable: Hashable, Sendable {
    /// The name under which it is read inside.
    public let name: String
    /// The schema where it lies.
    public let schema: String
    /// Since when.
    public let sharedAt: Date
    /// Who shared it.
    public let sharedBy: String
}

extension TenancyClient {
    /// Shares a table: from here on whoever is inside a company reads it under its own name, without a declaration.
    ///
    /// Admins only, for whom its owner opened it, or who may do so themselves.
    public func share(table: String) async throws(TenancyError) {
        _ = try await wire.answer("SELECT * FROM piste.share_table($1)", [.text(table)])
    }

    /// Ends the sharing of a table, unless a company's foreign keys lead there.
    public func stopSharing(table: String) async throws(TenancyError) {
        _ = try await wire.answer("SELECT * FROM piste.stop_sharing($1)", [.text(table)])
    }

    /// The tables that are shared, by name.
    public func sharedTables() async throws(TenancyError) -> [SharedTable] {
        try await wire.rows("SELECT * FROM piste.shared_tables()").read { row throws(PostgresError) in
            SharedTable(
                name: try row.string("name"), schema: try row.string("schema_name"),
                sharedAt: try row.date("shared_at"), sharedBy: try row.string("shared_by"))
        }
    }
}
