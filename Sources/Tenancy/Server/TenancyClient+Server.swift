import Postgres

extension TenancyClient {
    /// Asks the server about itself; needs no engine and no rights.
    public func serverFacts() async throws(TenancyError) -> ServerFacts {
        let rows = try await wire.rows(
            """
            SELECT current_setting('server_version_num')::integer AS number, clock_timestamp() AS time,
                pg_is_in_recovery() AS recovering,
                (SELECT s.version || ', ' || s.cipher FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid() AND s.ssl) AS encryption,
                coalesce((
                    SELECT string_agg(name || ' = ' || setting, ', ') FROM pg_settings
                    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
                ), '') AS careless
            """)
        guard let row = rows.first else { throw TenancyError(.failed, "The server gave no answer.") }
        return try row.read { row throws(PostgresError) in
            ServerFacts(
                versionNumber: try row.int("number"), encryption: try row.optionalString("encryption"),
                time: try row.date("time"), isInRecovery: try row.bool("recovering"),
                carelessSettings: try row.string("careless").split(separator: ", ").map(String.init))
        }
    }
}
