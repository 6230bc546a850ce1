import Postgres

extension TenancyClient {
    /// Leases jobs of all companies' outboxes, and gives them out when the record of that is committed.
    ///
    /// For a service that an admin lets drain. What is not acknowledged in time is given out again, to whoever drains then: so
    /// a job may come twice, and none is lost with a client.
    ///
    /// - Parameters:
    ///   - limit: how many jobs at most, 1 to 1000.
    ///   - seconds: how long they are this service's, 1 to 1800.
    ///   - kind: only jobs of this kind; nil for all.
    /// - Throws: `refused` with `not_allowed` for whoever may not drain.
    public func drain(
        limit: Int = 100, seconds: Int = 60, kind: String? = nil
    ) async throws(TenancyError) -> [Job] {
        let row = try await wire.answer(
            "SELECT lease, refusal FROM piste.drain($1::int, $2::int, $3)",
            [.int(Int64(limit)), .int(Int64(seconds)), Parameter(kind)])
        guard let lease = try row.read({ row throws(PostgresError) in try row.optionalString("lease") })
        else { return [] }
        return try await wire.rows("SELECT * FROM piste.jobs($1::uuid)", [.text(lease)])
            .read { row throws(PostgresError) in
                Job(
                    id: try row.string("job"), urlID: try row.string("company"),
                    kind: try row.string("kind"), payload: try row.string("payload"),
                    attempt: try row.int("attempt"), enqueuedAt: try row.date("enqueued_at"), lease: lease)
            }
    }

    /// Acknowledges jobs that are done: they are gone from their outboxes.
    ///
    /// - Returns: how many there were; fewer than given when the lease was over and somebody else has them, or has done them.
    @discardableResult
    public func finish(_ jobs: [Job]) async throws(TenancyError) -> Int {
        var finished = 0
        for (lease, jobs) in Dictionary(grouping: jobs, by: \.lease) {
            let row = try await wire.answer(
                "SELECT * FROM piste.finish_jobs($1::uuid, $2::uuid[])",
                [.text(lease), .text("{\(jobs.map(\.id).joined(separator: ","))}")])
            finished += try row.read { row throws(PostgresError) in try row.int("finished") }
        }
        return finished
    }

    /// Lets a service drain outboxes, or no more (admin).
    public func letDrain(_ login: String, _ allowed: Bool = true) async throws(TenancyError) {
        _ = try await wire.answer("SELECT * FROM piste.let_drain($1, $2)", [.text(login), .bool(allowed)])
    }

    /// What waits in the companies' outboxes, by company (admin, and a service that drains).
    public func outbox() async throws(TenancyError) -> [OutboxFigures] {
        let rows = try await wire.rows("SELECT * FROM piste.outbox()")
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            OutboxFigures(
                urlID: try row.string("url_id"), waiting: try row.int("waiting"),
                leased: try row.int("leased"), oldest: try row.date("oldest"))
        }
    }
}
