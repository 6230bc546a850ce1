import Postgres

extension TenancyClient {
    /// How many records a company's audit trail took in each of the last days, oldest first; empty when there is no such
    /// company.
    ///
    /// A count of the engine's own, which every operator may see; it tells nothing of any row.
    public func activity(of urlID: String) async throws(TenancyError) -> [Int] {
        try await wire.rows(
            "SELECT records FROM piste.audit_days($1, \(Overview.days)) ORDER BY ago DESC", [.text(urlID)]
        ).read { row throws(PostgresError) in try row.int("records") }
    }
}
