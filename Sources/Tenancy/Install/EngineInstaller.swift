package import Postgres

/// Installs the engine into a database, or upgrades it, as a superuser or as the owner of a database on a server that somebody
/// else keeps.
package struct EngineInstaller {
    /// What an installation did.
    package struct Outcome: Hashable, Sendable {
        /// The engine's version now.
        package let version: String
        /// The version it had before; nil when it was not there.
        package let before: String?
        /// What is lost without a superuser, each in a sentence; none where one installed it.
        package let losses: [String]
    }

    package init() {}

    /// Runs the engine's files in one transaction; running them again changes nothing.
    package func install(on connection: Connection) async throws(TenancyError) -> Outcome {
        let wire = Wire(connection: connection, isInContext: false)
        let place = try await InstallationPlace(wire)
        // Before anything is missed that an engine of old never had. Whoever may not read this is told what they lack.
        let found = place.isInstalled ? try? await version(wire) : nil
        if let found, found.hasPrefix("1.") {
            throw TenancyError(
                .failed,
                "This database has engine \(found), from which there is no upgrade: 2.0 begins in a database of its own. "
                    + "Nothing was changed.")
        }
        try place.check()
        let before = place.isInstalled ? try await version(wire) : nil
        do {
            try await connection.run(script: EngineScript.text, deadline: .seconds(900))
        } catch {
            throw TenancyError(.failed, error.message, sqlState: error.sqlState)
        }
        let lost = try await wire.rows("SELECT lost FROM piste.losses()")
        return Outcome(
            version: EngineScript.version, before: before,
            losses: try lost.read { row throws(PostgresError) in try row.string(0) })
    }

    private func version(_ wire: Wire) async throws(TenancyError) -> String? {
        let rows = try await wire.rows(
            "SELECT version FROM piste.engine_version ORDER BY applied_at DESC LIMIT 1")
        return try rows.first?.read { row throws(PostgresError) in try row.string(0) }
    }
}
