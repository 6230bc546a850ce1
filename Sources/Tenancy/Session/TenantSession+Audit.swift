import Postgres

extension TenantSession {
    /// Reads this company's audit trail, newest first.
    public func auditTrail(before: Int64? = nil, limit: Int = 50) async throws(TenancyError) -> [AuditRecord]
    {
        try await wire.auditTrail(of: nil, before: before, limit: limit)
    }

    /// Reads one page of the company's audit trail, the newest record first.
    ///
    /// What a filter can be stands at `Filter`.
    public func auditTrail(
        matching filter: String = "", _ page: PageRequest<Int64>
    ) async throws(TenancyError) -> Page<AuditRecord> {
        try await wire.auditTrail(matching: filter, page)
    }

    /// Records that the context's token was shown on a screen.
    public func recordTokenShown() async throws(TenancyError) {
        try await declare("token.shown", "token", ["jti": .text(context.jti)])
    }

    /// Reads what came from rows in so many records: old and new values, typed filters; by the record's `id`, as JSON text.
    ///
    /// The reading is declared first. A record is missing where it has no values, or where they were erased; of a row's values
    /// there are those of the columns that the context may read.
    public func auditValues(of ids: [Int64]) async throws(TenancyError) -> [Int64: String] {
        try await declare("audit.read", "audit", ["entries": .numbers(ids)])
        let rows = try await wire.rows(
            "SELECT entry, \"values\"::text FROM piste.audit_values($1::bigint[])",
            [Self.list(ids)])
        return Dictionary(
            try rows.read { row throws(PostgresError) in (Int64(try row.int(0)), try row.string(1)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Calls `onRecord` with the id of the newest audit record now, and of each one as the server commits it, until
    /// the session ends; `lost` when nothing more will be heard before that.
    ///
    /// What is heard is a hint to look: somebody else may have said it.
    ///
    /// Listens on a connection of its own and keeps the company watched; both run on that connection's thread.
    public func watchAudit(
        _ onRecord: @escaping @Sendable (Int64) -> Void, lost: @escaping @Sendable () -> Void = {}
    ) async throws(TenancyError) {
        guard let channel = try await watchedChannel() else {
            throw TenancyError(.contextEnded, "The trail can be watched from inside a context only.")
        }
        do {
            let listener = try await Listener.open(settings.with(applicationName: "piste watch")) { event in
                switch event {
                case .notification(let heard): if let seq = Int64(heard.payload) { onRecord(seq) }
                case .lost: lost()
                }
            }
            try await listener.listen(to: channel)
            keep(AuditWatch(listener, session: self))
        } catch {
            throw TenancyError(error, inContext: false)
        }
        // What was committed between the caller's last look and LISTEN was announced to nobody.
        if let newest = try await auditTrail(limit: 1).first { onRecord(newest.id) }
    }

    /// Keeps the company watched for two minutes more; the channel stays the same meanwhile.
    func watchedChannel() async throws(TenancyError) -> String? {
        let rows = try await wire.rows("SELECT piste.watch_audit($1)", [.int(Int64(AuditWatch.seconds))])
        return try rows.first?.read { row throws(PostgresError) in try row.optionalString(0) }
    }
}

/// What keeps a company's trail announced while somebody looks at it.
final class AuditWatch: Sendable {
    /// How long the engine announces records after it was asked to.
    static let seconds = 120

    private let listener: Listener
    private let renewal: Task<Void, Never>

    init(_ listener: Listener, session: TenantSession) {
        self.listener = listener
        renewal = Task { [weak session] in
            while (try? await Task.sleep(for: .seconds(Self.seconds / 2))) != nil {
                guard let session, (try? await session.watchedChannel()) != nil else { return }
            }
        }
    }

    func end() {
        renewal.cancel()
        listener.abandon()
    }
}
