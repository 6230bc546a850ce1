package import Postgres

/// Registers a blueprint of the application's owner; like an installation, it takes a superuser or the installer.
package struct BlueprintRegistration: Sendable {
    private let connection: Connection

    /// - Parameter connection: a superuser's or the installer's, in the database that holds the engine.
    package init(connection: Connection) {
        self.connection = connection
    }

    /// Tries the migration on a throw-away company and registers it as the next version; gives its number.
    ///
    /// `origin` names it for good. The SQL has the placeholders {schema}, {company}, {reader}, {agent} and
    /// {writer}; what it adds must carry the gate, the trigger and the grants of every other table.
    nonisolated(nonsending) package func register(
        _ migration: String, origin: String
    ) async throws(TenancyError) -> Int {
        let wire = Wire(connection: connection, isInContext: false)
        let rows = try await wire.rows(
            "SELECT piste.register_blueprint($1, NULL, NULL, $2) AS version",
            [.text(origin), .text(migration)], deadline: .seconds(300))
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        return try row.read { row throws(PostgresError) in try row.int("version") }
    }
}
