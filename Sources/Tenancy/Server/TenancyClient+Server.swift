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
                ), '') AS careless,
                (
                    SELECT pg_get_userbyid(n.nspowner)::text FROM pg_namespace n
                    WHERE n.nspname = 'piste' AND pg_get_userbyid(n.nspowner) <> 'piste_owner'
                ) AS strange_owner
            """)
        guard let row = rows.first else { throw TenancyError(.failed, "The server gave no answer.") }
        return try row.read { row throws(PostgresError) in
            ServerFacts(
                versionNumber: try row.int("number"), encryption: try row.optionalString("encryption"),
                time: try row.date("time"), isInRecovery: try row.bool("recovering"),
                carelessSettings: try row.string("careless").split(separator: ", ").map(String.init),
                strangeOwner: try row.optionalString("strange_owner"))
        }
    }

    /// Whether the server can write a few megabytes: a sort that is larger than its memory needs them, and leaves nothing behind.
    public func hasRoomOnDisk() async throws(TenancyError) -> Bool {
        do {
            _ = try await wire.rows("SELECT set_config('work_mem', '64kB', false)")
            _ = try await wire.rows(
                "SELECT max(n) FROM (SELECT n FROM generate_series(1, 200000) AS n ORDER BY n % 7919, n OFFSET 0) AS s"
            )
            _ = try await wire.rows("RESET work_mem")
            return true
        } catch {
            guard error.sqlState == "53100" else { throw error }
            return false
        }
    }
}
