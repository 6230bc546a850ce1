import FoundationEssentials
import Postgres

/// A table of an adopted company that plays its users or its journeys, and which of its columns plays what.
package struct PlayedTable: Hashable, Sendable {
    /// The table.
    package let table: TenantTable
    /// The columns by what they are to the company, for instance `email`; those that the map names.
    package let columns: [String: String]

    /// The column that plays a role; nil where the map names none, or one that is gone or redacted here.
    package func column(_ role: String) -> TableColumn? {
        columns[role].flatMap { table.column($0) }.flatMap { $0.isRedacted ? nil : $0 }
    }

    /// The roles that can be read here, in the order of their names.
    var readable: [String] { columns.keys.filter { column($0) != nil }.sorted() }
}

/// Which of an adopted company's tables play its users and its journeys, by its map.
package struct PlayedTables: Hashable, Sendable {
    /// All of its tables.
    package let tables: [TenantTable]
    /// The one that plays its users; nil where none does, or none that the operator may read.
    package let users: PlayedTable?
    /// The one that plays its journeys.
    package let journeys: PlayedTable?

    /// - Parameters:
    ///   - tables: all of the company's.
    ///   - users: the map's part for the users: `table`, and a column for each role.
    ///   - journeys: the same for the journeys.
    package init(_ tables: [TenantTable], users: [String: String]?, journeys: [String: String]?) {
        func played(_ part: [String: String]?) -> PlayedTable? {
            guard let part, let table = tables.first(where: { $0.name == part["table"] }) else { return nil }
            return PlayedTable(table: table, columns: part.filter { $0.key != "table" })
        }
        self.tables = tables
        self.users = played(users)
        self.journeys = played(journeys)
    }
}

extension TenantSession {
    /// What the map of the company says; nil for one that Piste made.
    ///
    /// A context was told when it was entered; whoever has a ticket asks, once.
    func playedTables() async throws(TenancyError) -> PlayedTables? {
        guard wire.ticket != nil else {
            return context.isAdopted ? context.played ?? PlayedTables([], users: nil, journeys: nil) : nil
        }
        if let askedTables { return askedTables }
        let found = try await Self.playedTables(wire) { () throws(TenancyError) in try await self.tables() }
        askedTables = .some(found)
        return found
    }

    /// The same session, which knows the tables that play the users and the journeys of an adopted company.
    nonisolated func knowingPlayedTables() async throws(TenancyError) -> TenantSession {
        guard context.isAdopted else { return self }
        let played = try await Self.playedTables(wire) { () throws(TenancyError) in try await self.tables() }
        return TenantSession(wire, settings, context.playing(played))
    }

    private static func playedTables(
        _ wire: Wire, _ tables: @Sendable () async throws(TenancyError) -> [TenantTable]
    ) async throws(TenancyError) -> PlayedTables? {
        let parts = try await wire.rows(
            "SELECT piste.adopted_here(), p.users::text, p.journeys::text FROM piste.played_here() AS p"
        ).first?.read { row throws(PostgresError) in
            (
                isAdopted: try row.optionalString(0) != nil, users: try row.optionalString(1),
                journeys: try row.optionalString(2)
            )
        }
        guard let parts, parts.isAdopted else { return nil }
        func decoded(_ text: String?) -> [String: String]? {
            text.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        }
        guard parts.users != nil || parts.journeys != nil else {
            return PlayedTables([], users: nil, journeys: nil)
        }
        return PlayedTables(
            try await tables(), users: decoded(parts.users), journeys: decoded(parts.journeys))
    }
}
