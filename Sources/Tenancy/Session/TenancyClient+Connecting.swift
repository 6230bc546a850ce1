import Postgres

extension TenancyClient {
    /// Connects as an operator's login.
    ///
    /// - Parameters:
    ///   - address: `postgresql://host/database`, `host=… dbname=…`, or a database's name; what it leaves out (host, login,
    ///     password file, TLS) comes from libpq's own variables and files.
    ///   - lost: hears at once when the server ended the connection.
    /// - Throws: `invalid` for an address that cannot be read, `unreachable` for a server that does not answer.
    public static func connect(
        to address: String, lost: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws(TenancyError) -> TenancyClient {
        let settings = ConnectionSettings(address)
        do throws(PostgresError) {
            try settings.validate()
        } catch {
            throw TenancyError(.invalid, "\(error.message).")
        }
        return try await connect(settings, lost: lost)
    }

    /// Runs the body inside a company: a fresh token, a context on a connection of its own, and out of it again whatever
    /// the body did.
    ///
    /// Several may run at once, also for different companies; none sees another's context.
    ///
    /// - Parameters:
    ///   - urlID: the company's `url_id`, from where the request came in (its host name, its path), never from what a client
    ///     may write into the body.
    ///   - minutes: 1 to 30; the context ends with the body, and no later than this.
    ///   - body: what is done inside; the session is of no use afterwards.
    /// - Throws: what the body throws; `refused` with the engine's code word (`company_suspended`, `unknown_company`).
    public func inside<Answer: Sendable>(
        _ urlID: String, minutes: Int = 30,
        _ body: @Sendable (TenantSession) async throws -> Answer
    ) async throws -> Answer {
        try await TenantSession.open(company: urlID, minutes: minutes, settings).leaving(after: body)
    }
}
