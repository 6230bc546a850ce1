import FoundationEssentials
package import Postgres

/// Registers a blueprint of the application's owner; like an installation, it takes a superuser or the installer.
package struct BlueprintRegistration: Sendable {
    private let connection: Connection

    /// - Parameter connection: a superuser's or the installer's, in the database that holds the engine.
    package init(connection: Connection) {
        self.connection = connection
    }

    /// Takes the newest blueprint back while no company has it; gives its number and origin.
    nonisolated(nonsending) package func withdraw() async throws(TenancyError) -> (
        version: Int, origin: String
    ) {
        let wire = Wire(connection: connection, isInContext: false)
        guard let row = try await wire.rows("SELECT * FROM piste.withdraw_blueprint()").first else {
            throw TenancyError(.failed, "The engine gave no answer.")
        }
        return try row.read { row throws(PostgresError) in (try row.int("version"), try row.string("origin"))
        }
    }

    /// What a trial finds wrong, all at once: with the statement that fails, or with the company that comes of it.
    package struct Finding: Sendable, Equatable {
        /// The statement, where it is one's.
        package let statement: MigrationScript.Statement?
        package let words: String
    }

    /// Runs the script on a throw-away company, statement by statement, and keeps nothing of it.
    nonisolated(nonsending) package func findings(_ script: MigrationScript) async throws(TenancyError)
        -> [Finding]
    {
        let wire = Wire(connection: connection, isInContext: false)
        let statements =
            (try? JSONEncoder().encode(script.blueprint)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
        let rows = try await wire.rows(
            "SELECT * FROM piste.migration_findings(ARRAY(SELECT jsonb_array_elements_text($1::jsonb)))",
            [.text(statements)], deadline: .seconds(300))
        return try rows.read { row throws(PostgresError) in
            let place = try row.optionalInt("number").map { $0 - 1 - script.prefix }
            return Finding(
                statement: place.flatMap {
                    script.statements.indices.contains($0) ? script.statements[$0] : nil
                },
                words: try row.string("finding"))
        }
    }

    /// Tries the migration on a throw-away company and registers it as the next version; gives its number.
    ///
    /// `origin` names it for good. The SQL is plain, and runs in each company's schema, where every table that it makes is put
    /// behind the gate; or it has the placeholders {schema}, {company}, {reader}, {agent} and {writer}, and does so itself.
    ///
    /// - Parameter keep: false tries all of it, and registers nothing.
    nonisolated(nonsending) package func register(
        _ migration: String, origin: String, keep: Bool = true
    ) async throws(TenancyError) -> Int {
        try await register(MigrationScript(migration), origin: origin, keep: keep)
    }

    /// The same with a migration that was read already.
    nonisolated(nonsending) package func register(
        _ script: MigrationScript, origin: String, keep: Bool = true
    ) async throws(TenancyError) -> Int {
        let wire = Wire(connection: connection, isInContext: false)
        let text = script.migration
        guard !script.statements.isEmpty else {
            throw TenancyError(.failed, "The file has no statement.")
        }
        guard keep else {
            try await wire.rows("BEGIN")
            do throws(TenancyError) {
                let version = try await register(text, origin, wire)
                try await wire.rows("ROLLBACK")
                return version
            } catch {
                _ = try? await wire.rows("ROLLBACK")
                throw error
            }
        }
        return try await register(text, origin, wire)
    }

    nonisolated(nonsending) private func register(
        _ text: String, _ origin: String, _ wire: Wire
    ) async throws(TenancyError) -> Int {
        let rows = try await wire.rows(
            "SELECT piste.register_blueprint($1, NULL, NULL, $2) AS version",
            [.text(origin), .text(text)], deadline: .seconds(300))
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        return try row.read { row throws(PostgresError) in try row.int("version") }
    }
}
