import Postgres

extension TenancyClient {
    /// Brings one company to the newest blueprint, all the way or not at all.
    ///
    /// Admins only. A company in use is given up after `patience` and comes back as `waiting`; a rehearsal does
    /// the same and keeps nothing of it.
    public func migrateCompany(
        _ urlID: String, patience: Duration = .milliseconds(500), rehearsal: Bool = false
    ) async throws(TenancyError) -> MigrationOutcome {
        let milliseconds = Int64(patience / .milliseconds(1))
        // Building an index of a large company takes its time.
        let row = try await wire.rows(
            "SELECT * FROM piste.migrate_company($1, $2, $3)",
            [.text(urlID), .int(milliseconds), .bool(rehearsal)], deadline: .seconds(24 * 3600)
        ).first
        guard let row else { throw TenancyError(.failed, "The engine gave no answer.") }
        try row.throwRefusal()
        return try row.read { row throws(PostgresError) in
            MigrationOutcome(
                urlID: urlID, from: try row.int("from_version"), target: try row.int("to_version"),
                state: CompanyMigration.State(rawValue: try row.string("state")) ?? .failed,
                failure: try CompanyMigration.Failure(row: row), milliseconds: try row.int("milliseconds"))
        }
    }

    /// Lists companies by url id, with where they stand; `behind` leaves out those with the newest blueprint.
    ///
    /// Admins only.
    public func migrations(
        behind: Bool = false, after urlID: String? = nil, limit: Int = 10_000
    ) async throws(TenancyError) -> [CompanyMigration] {
        let rows = try await wire.rows(
            "SELECT * FROM piste.migrations($1, $2, $3)",
            [.bool(behind), Parameter(urlID), .int(Int64(limit))])
        try rows.first?.throwRefusal()
        return try rows.read(CompanyMigration.init(row:))
    }

    /// One page of the companies in a state, or of all, by url id.
    ///
    /// Admins only. What a filter can be stands at `Filter`.
    public func migrations(
        in state: CompanyMigration.State?, matching filter: String = "", _ page: PageRequest<String>
    ) async throws(TenancyError) -> Page<CompanyMigration> {
        let filter = try Filter(filter)
        let anchor: String?
        let isBackward: Bool
        switch page.place {
        case .start: (anchor, isBackward) = (nil, false)
        case .end: (anchor, isBackward) = (nil, true)
        case .after(let urlID): (anchor, isBackward) = (urlID, false)
        case .before(let urlID): (anchor, isBackward) = (urlID, true)
        case .from(let urlID): (anchor, isBackward) = (Self.justBefore(urlID), false)
        }
        let rows = try await wire.rows(
            "SELECT * FROM piste.migrations(false, $1, $2, $3, $4, $5, $6)",
            [
                Parameter(anchor), .int(Int64(page.limit + 1)), Parameter(state?.rawValue), .bool(isBackward),
            ] + filter.search)
        try rows.first?.throwRefusal()
        return Page(
            rows: try rows.read(CompanyMigration.init(row:)), limit: page.limit, backward: isBackward)
    }

    /// What comes before a url id and after every other one that does: they are ASCII, and none holds a `~`.
    private static func justBefore(_ urlID: String) -> String? {
        guard let last = urlID.utf8.last, last > 0 else { return nil }
        return String(decoding: urlID.utf8.dropLast() + [last - 1, UInt8(ascii: "~")], as: UTF8.self)
    }

    /// Counts companies by blueprint and state.
    ///
    /// Admins only.
    public func fleet() async throws(TenancyError) -> [FleetShare] {
        let rows = try await wire.rows("SELECT * FROM piste.fleet()")
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            FleetShare(
                version: try row.int("version"), target: try row.int("target"),
                state: CompanyMigration.State(rawValue: try row.string("state")) ?? .pending,
                companies: try row.int("companies"))
        }
    }
}

extension CompanyMigration {
    fileprivate init(row: Row) throws(PostgresError) {
        self.init(
            urlID: try row.string("url_id"), version: try row.int("version"),
            target: try row.int("target"),
            state: State(rawValue: try row.string("state")) ?? .pending,
            failure: try Failure(row: row), startedAt: try row.optionalDate("started_at"),
            milliseconds: try row.optionalInt("milliseconds"), attempts: try row.optionalInt("attempts"),
            doneBy: try row.optionalString("done_by"))
    }
}

extension CompanyMigration.Failure {
    fileprivate init?(row: Row) throws(PostgresError) {
        guard let sqlState = try row.optionalString("error_state") else { return nil }
        self.init(sqlState: sqlState, message: try row.optionalString("error") ?? "")
    }
}
