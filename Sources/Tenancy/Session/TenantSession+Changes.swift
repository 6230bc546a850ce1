import Postgres

extension TenantSession {
    /// Suspends a user, or makes a suspended one active again; impersonation only.
    ///
    /// The trail gets the declaration first and the old and the new value with the change itself.
    public func setStatus(_ status: User.Status, ofUser id: Int64) async throws(TenancyError) {
        let action = status == .suspended ? "users.suspend" : "users.reactivate"
        try await declare(action, "users", ["user": .number(id)])
        let mayBe = status == .suspended ? "status <> 'suspended'" : "status = 'suspended'"
        try await write(
            "UPDATE users SET status = $1 WHERE id = $2 AND \(mayBe) RETURNING id",
            [.text(status.rawValue), .int(id)])
    }

    /// Retries, completes or cancels a step and moves its journey accordingly; impersonation only.
    ///
    /// The step must still be in the state it was read in.
    public func change(_ step: JourneyStep, _ change: JourneyStep.Change) async throws(TenancyError) {
        try await declare(
            "journey_steps.\(change.rawValue)", "journeys,journey_steps",
            ["journey": .number(step.journeyID), "step": .number(step.id)])
        try await write(change.sql, [.int(step.id), .text(step.state.rawValue)])
    }

    /// Changes one value of a row; impersonation only, and in the columns that the company lets agents change.
    ///
    /// The trail gets the declaration first and the old and the new value with the change itself. The row must still have the
    /// value that was read.
    ///
    /// - Parameters:
    ///   - value: as PostgreSQL reads it; nil for NULL.
    ///   - column: one that this context may change (`mayUpdate`).
    ///   - table: as `tables` gave it, with a key.
    ///   - key: the values of its key.
    ///   - old: what was read.
    public func setValue(
        _ value: String?, of column: String, in table: TenantTable, key: [String], was old: String?
    ) async throws(TenancyError) {
        let changed = try table.readable(column)
        guard changed.mayUpdate else {
            throw TenancyError(.notAllowed, "Nobody changes \(column) of \(table.name) here.")
        }
        guard !key.isEmpty, key.count == table.key.count else {
            throw TenancyError(.invalid, "A row of \(table.name) is changed by its key, and by nothing else.")
        }
        try await declare(
            "rows.change", table.resource,
            ["row": .text(String(key.joined(separator: ", ").prefix(200))), "column": .text(column)])
        let conditions = table.key.compactMap { table.column($0) }.enumerated().map { place, column in
            "\(RowsStatement.ordered(column)) = $\(place + 3)"
        }
        try await write(
            """
            UPDATE \(Quoted.identifier(table.name)) AS t SET \(Quoted.identifier(column)) = $1
            WHERE \(RowsStatement.named(changed))::text IS NOT DISTINCT FROM $2::text AND \(conditions.joined(separator: " AND "))
            RETURNING 1
            """, [Parameter(value), Parameter(old)] + key.map { Parameter.text($0) })
    }

    /// Runs one change; PostgreSQL denies it where the context is for reading only.
    private func write(_ sql: String, _ parameters: [Parameter]) async throws(TenancyError) {
        let rows: Rows
        do {
            rows = try await wire.rows(sql, parameters, isChange: true)
        } catch  where error.sqlState == "42501" && context.access == .read {
            throw TenancyError(
                .notAllowed,
                context.purpose == .impersonation
                    ? "The policy of this company allows reading only."
                    : "This context is for reading; an impersonation can change something.",
                sqlState: error.sqlState)
        }
        guard rows.isEmpty else { return }
        try requireFreshDeclaration()
        throw TenancyError(.failed, "Somebody changed it meanwhile; nothing was done. Read it again.")
    }
}

extension JourneyStep.Change {
    /// One statement, so that the step and its journey move together or not at all.
    fileprivate var sql: String {
        switch self {
        case .retry:
            """
            WITH step AS (
                UPDATE journey_steps SET state = 'active', entered_at = clock_timestamp(), note = NULL
                WHERE id = $1 AND state = $2
                RETURNING journey_id, position
            )
            UPDATE journeys j
            SET status = 'running', current_step = step.position, updated_at = clock_timestamp()
            FROM step WHERE j.id = step.journey_id
            RETURNING j.id
            """
        case .complete:
            Self.goOn(
                set:
                    "state = 'done', entered_at = coalesce(entered_at, clock_timestamp()), completed_at = clock_timestamp()",
                otherwise: "done")
        case .cancel: Self.goOn(set: "state = 'cancelled'", otherwise: "cancelled")
        }
    }

    /// Ends the step; the next one that waits becomes active, and with none left the journey ends.
    private static func goOn(set: String, otherwise: String) -> String {
        """
        WITH step AS (
            UPDATE journey_steps SET \(set)
            WHERE id = $1 AND state = $2
            RETURNING journey_id, position
        ), following AS (
            UPDATE journey_steps f SET state = 'active', entered_at = clock_timestamp()
            WHERE f.id = (
                SELECT w.id FROM journey_steps w JOIN step ON w.journey_id = step.journey_id
                WHERE w.position > step.position AND w.state = 'waiting'
                ORDER BY w.position LIMIT 1)
            RETURNING f.position
        )
        UPDATE journeys j
        SET status = CASE WHEN EXISTS (SELECT FROM following) THEN 'running' ELSE '\(otherwise)' END,
            current_step = coalesce((SELECT following.position FROM following), step.position),
            updated_at = clock_timestamp()
        FROM step WHERE j.id = step.journey_id
        RETURNING j.id
        """
    }
}
