import Postgres

/// A company's store, open for one transaction to whoever loads rows past its triggers and its gate.
///
/// A superuser silences all triggers of the session, and no row gate holds them. The login that installed the engine in a
/// superuser's stead switches both off for this store, and on again.
struct OpenStore: Sendable {
    private let connection: Connection
    /// What the engine switched off; nil where the session is silenced.
    private let opened: String?

    /// Opens the store, in a transaction of the connection.
    nonisolated(nonsending) init(_ schema: String, on connection: Connection) async throws {
        self.connection = connection
        let isSilent = try await connection.query(
            """
            SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user
            """
        ).first?.bool(0)
        guard isSilent != true else {
            try await connection.run(script: "SET LOCAL session_replication_role = replica")
            opened = nil
            return
        }
        opened = try await connection.query("SELECT piste.begin_load($1)::text", [.text(schema)])[0].string(0)
    }

    /// Shuts it again; a transaction that fails has it shut anyway.
    nonisolated(nonsending) func shut() async throws {
        guard let opened else {
            try await connection.run(script: "SET LOCAL session_replication_role = origin")
            return
        }
        try await connection.query("SELECT piste.end_load($1::jsonb)", [.text(opened)])
    }
}
