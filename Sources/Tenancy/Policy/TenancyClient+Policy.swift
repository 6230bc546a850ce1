import Postgres

extension TenancyClient {
    /// Changes what a company allows (admin).
    ///
    /// Impersonations that the new policy does not allow end at once, and requests for such are denied.
    @discardableResult
    public func setCompanyPolicy(
        _ urlID: String, _ change: PolicyChange
    ) async throws(TenancyError) -> PolicyOutcome {
        let row = try await wire.answer(
            "SELECT * FROM piste.set_company_policy($1, $2, $3, $4, $5, $6)",
            [
                .text(urlID), Parameter(change.impersonation?.rawValue), Parameter(change.maxMinutes),
                change.ticketRequired.map { .bool($0) } ?? .null, Parameter(change.ticketPattern),
                Parameter(change.rights?.rawValue),
            ])
        return try row.read { row throws(PostgresError) in
            PolicyOutcome(
                contextsEnded: try row.int("contexts_ended"), requestsDenied: try row.int("requests_denied"))
        }
    }
}

extension CompanyPolicy {
    init(row: Row) throws(PostgresError) {
        self.init(
            impersonation: Impersonation(rawValue: try row.string("impersonation")) ?? .denied,
            maxMinutes: try row.int("max_minutes"), ticketRequired: try row.bool("ticket_required"),
            ticketPattern: try row.optionalString("ticket_pattern"),
            rights: OpenContext.Access(rawValue: try row.string("rights")) ?? .read)
    }
}
