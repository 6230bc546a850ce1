import Postgres

/// Which of an adopted company's tables play its users and its journeys, by its map.
package struct PlayedTables: Hashable, Sendable {
    /// All of its tables.
    package let tables: [TenantTable]
    /// The one that plays its users; nil where none does, or none that the operator may read.
    package let users: TenantTable?
    /// The one that plays its journeys.
    package let journeys: TenantTable?

    package init(_ tables: [TenantTable], users: String?, journeys: String?) {
        self.tables = tables
        self.users = tables.first { $0.name == users }
        self.journeys = tables.first { $0.name == journeys }
    }
}

extension TenantSession {
    /// The same session, which knows the tables that play the users and the journeys of an adopted company.
    nonisolated func knowingPlayedTables() async throws(TenancyError) -> TenantSession {
        guard context.isAdopted else { return self }
        let names = try await wire.rows("SELECT users_table, journeys_table FROM piste.played_here()").first?
            .read { row throws(PostgresError) in
                (
                    users: try row.optionalString("users_table"),
                    journeys: try row.optionalString("journeys_table")
                )
            }
        guard let names, names.users != nil || names.journeys != nil else { return self }
        let played = PlayedTables(try await tables(), users: names.users, journeys: names.journeys)
        return TenantSession(wire, settings, context.playing(played))
    }
}
