package import Postgres

/// Installs the engine into a database, or upgrades it; the one thing that needs a superuser.
package struct EngineInstaller {
    /// What an installation did.
    package struct Outcome: Hashable, Sendable {
        /// The engine's version now.
        package let version: String
        /// The version it had before; nil when it was not there.
        package let before: String?
    }

    package init() {}

    /// Runs the engine's files in one transaction; running them again changes nothing.
    package func install(on connection: Connection) async throws(TenancyError) -> Outcome {
        let wire = Wire(connection: connection, isInContext: false)
        let facts = try await wire.rows(
            """
            SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
                (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
                to_regclass('piste.engine_version') IS NOT NULL AS is_installed,
                current_setting('max_prepared_transactions') <> '0' AS prepares
            """)
        guard let row = facts.first else { throw TenancyError(.failed, "The server gave no answer.") }
        let (number, version, isSuperuser, isInstalled, prepares) = try row.read {
            row throws(PostgresError) in
            (
                try row.int("number"), try row.string("version"), try row.bool("is_superuser"),
                try row.bool("is_installed"), try row.bool("prepares")
            )
        }
        guard number >= 150_014 else {
            throw TenancyError(.invalid, "This server is PostgreSQL \(version); Piste needs 15.14 or newer.")
        }
        guard isSuperuser else {
            throw TenancyError(.notAllowed, "Installing the engine takes a superuser of the database, once.")
        }
        guard !prepares else {
            throw TenancyError(
                .invalid,
                "This server allows prepared transactions, which hold locks that nothing can end; Piste needs "
                    + "max_prepared_transactions = 0, and a restart for it.")
        }
        var before: String?
        if isInstalled {
            let rows = try await wire.rows(
                "SELECT version FROM piste.engine_version ORDER BY applied_at DESC LIMIT 1")
            before = try rows.first?.read { row throws(PostgresError) in try row.string(0) }
        }
        if let before, before.hasPrefix("1.") {
            throw TenancyError(
                .failed,
                "This database has engine \(before), from which there is no upgrade: 2.0 begins in a database of its own. "
                    + "Nothing was changed.")
        }
        do {
            try await connection.run(script: EngineScript.text, deadline: .seconds(900))
        } catch {
            throw TenancyError(.failed, error.message, sqlState: error.sqlState)
        }
        return Outcome(version: EngineScript.version, before: before)
    }
}
