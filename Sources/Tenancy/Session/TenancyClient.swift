package import Postgres

/// An operator's connection to the engine without any context: lists, tokens, admin, sweeping.
public actor TenancyClient {
    let wire: Wire
    let settings: ConnectionSettings
    let bell: Bell
    let switchboard: Switchboard
    /// The connections of `inside`; none is opened before it is needed.
    let pool: ConnectionPool
    /// The public keys of the companies' identity providers, as far as they were read.
    let keySets = KeySetCache()

    private init(
        _ wire: Wire, _ settings: ConnectionSettings, _ bell: Bell, _ switchboard: Switchboard,
        _ pool: ConnectionPool
    ) {
        self.wire = wire
        self.settings = settings
        self.bell = bell
        self.switchboard = switchboard
        self.pool = pool
    }

    /// Opens the control connection; `lost` hears at once when the server ended it.
    ///
    /// `connections` are those of `inside`.
    package static func connect(
        _ settings: ConnectionSettings, connections: Int = 8,
        lost: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws(TenancyError) -> TenancyClient {
        let bell = Bell()
        let switchboard = Switchboard()
        let wire = try await Wire.open(settings, inContext: false, notified: { switchboard.ring($0) }) {
            bell.end()
            lost($0)
        }
        return TenancyClient(
            wire, settings, bell, switchboard, ConnectionPool(settings, size: connections))
    }

    /// Says who this connection is, as the server sees it.
    public func whoAmI() async throws(TenancyError) -> Identity {
        guard let row = try await wire.rows("SELECT * FROM piste.whoami()").first else {
            throw TenancyError(.failed, "The engine gave no answer.")
        }
        return try row.read { row throws(PostgresError) in
            Identity(
                operatorName: try row.string("operator"),
                level: Operator.Level(rawValue: try row.string("level")) ?? .admin,
                serverTime: try row.date("server_time"), engineVersion: try row.string("engine_version"))
        }
    }

    /// Interrupts what the connection is doing, in PostgreSQL too; returns at once.
    public nonisolated func cancel() { wire.connection.cancel() }

    /// Closes the connections.
    public func close() async {
        await pool.close()
        await wire.connection.close()
        bell.end()
    }
}
