import Postgres

extension TenancyClient {
    /// Connects as an operator's login.
    ///
    /// - Parameters:
    ///   - address: `postgresql://host/database`, `host=… dbname=…`, or a database's name; what it leaves out (host, login,
    ///     password file, TLS) comes from libpq's own variables and files.
    ///   - connections: how many `inside` may hold at once, beside the one of the client itself.
    ///   - lost: hears at once when the server ended the connection.
    /// - Throws: `invalid` for an address that cannot be read, `unreachable` for a server that does not answer.
    public static func connect(
        to address: String, connections: Int = 8, lost: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws(TenancyError) -> TenancyClient {
        let settings = ConnectionSettings(address)
        do throws(PostgresError) {
            try settings.validate()
        } catch {
            throw TenancyError(.invalid, "\(error.message).")
        }
        return try await connect(settings, connections: connections, lost: lost)
    }
}
