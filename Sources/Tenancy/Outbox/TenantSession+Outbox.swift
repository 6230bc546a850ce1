import Postgres

extension TenantSession {
    /// Puts a job into the company's outbox, as part of the transaction: it is there when that is committed.
    ///
    /// By a ticket that may write, or in an impersonation within ten seconds of declaring a change.
    ///
    /// - Parameters:
    ///   - kind: what is to be done, a word such as `mail.welcome`.
    ///   - payload: what is to be known for it, JSON of at most 65,536 bytes; rows are best named by their keys.
    /// - Returns: the job's number.
    /// - Throws: `failed` with SQLSTATE `PT429` when too many wait, `PT403` in a session that only reads.
    @discardableResult
    public func enqueue(_ kind: String, payload: String = "{}") async throws(TenancyError) -> String {
        let rows = try await wire.rows(
            "SELECT piste.enqueue($1, $2::jsonb)", [.text(kind), .text(payload)], isChange: true)
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        return try row.read { row throws(PostgresError) in try row.string(0) }
    }
}
