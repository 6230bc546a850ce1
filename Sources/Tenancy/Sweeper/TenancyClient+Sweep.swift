import Postgres

extension TenancyClient {
    /// Closes what expired or lost its backend; says what it had to do.
    @discardableResult
    public func sweep() async throws(TenancyError) -> [SweepAction] {
        try await wire.rows("SELECT * FROM piste.sweep()").read { row throws(PostgresError) in
            SweepAction(
                kind: try row.string("did"), jti: try row.optionalString("jti"),
                urlID: try row.optionalString("url_id"), operatorName: try row.optionalString("operator"),
                detail: try row.optionalString("detail"))
        }
    }

    /// How long until the next context or request expires; nil when there is none.
    func nextSweep() async throws(TenancyError) -> Duration? {
        let rows = try await wire.rows("SELECT due_in FROM piste.next_sweep()")
        return try rows.first?.read { row throws(PostgresError) in
            try row.optionalInt("due_in").map { .milliseconds($0) }
        }
    }

    /// Has the bell rung when a context or a request comes up that expires before all others, or is over earlier.
    func hearOfExpiries() async throws(TenancyError) {
        guard let row = try await wire.rows("SELECT channel FROM piste.next_sweep()").first else { return }
        let channel = try row.read { row throws(PostgresError) in try row.string("channel") }
        switchboard.connect(channel, to: { [bell] in bell.ring() })
        try await wire.rows("LISTEN " + Quoted.identifier(channel))
    }
}
