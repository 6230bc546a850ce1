package import Postgres

extension EngineInstaller {
    /// Whether this very engine is what the last installation left in the database, by its files' checksums.
    ///
    /// What a hand has changed since is for `piste prove` to find.
    package func isInstalled(on connection: Connection) async throws(TenancyError) -> Bool {
        let wire = Wire(connection: connection, isInContext: false)
        let rows: Rows
        do {
            rows = try await wire.rows("SELECT name, checksum FROM piste.engine_file")
        } catch {
            guard error.code == .engineMissing else { throw error }
            return false
        }
        var found: [String: String] = [:]
        for row in rows {
            let (name, checksum) = try row.read { row throws(PostgresError) in
                (try row.string("name"), try row.string("checksum"))
            }
            found[name] = checksum
        }
        return found == EngineScript.checksums
    }
}
