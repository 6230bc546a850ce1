import Postgres

extension TenancyClient {
    /// Reads a company's audit trail from outside, newest first; nil reads the control trail.
    ///
    /// Admins only; the reading of a company's trail is recorded in it, and committed, before anything is read.
    ///
    /// - Parameters:
    ///   - urlID: the company's url id; nil for the control trail.
    ///   - before: the `id` of the oldest record seen so far; nil begins with the newest.
    ///   - limit: how many records at most.
    public func auditTrail(
        of urlID: String?, before: Int64? = nil, limit: Int = 50
    ) async throws(TenancyError) -> [AuditRecord] {
        if let urlID {
            var detail: [String: DeclaredValue] = ["limit": .number(Int64(limit))]
            if let before { detail["before"] = .number(before) }
            try await declareTrail(of: urlID, detail)
        }
        return try await wire.auditTrail(of: urlID, before: before, limit: limit)
    }

    /// Reads one page of the control trail, the newest record first.
    ///
    /// Admins only. What a filter can be stands at `Filter`.
    public func controlTrail(
        matching filter: String = "", _ page: PageRequest<Int64> = PageRequest()
    ) async throws(TenancyError) -> Page<AuditRecord> {
        try await wire.auditTrail(matching: filter, page)
    }

    /// Recomputes a company's audit chain; nil recomputes the control trail's.
    ///
    /// Admins only. What waits is sealed first.
    public func verifyAudit(of urlID: String?) async throws(TenancyError) -> AuditVerdict {
        try await sealFirst()
        return try await verifySealed(of: urlID)
    }

    /// Recomputes a chain as it is sealed now.
    func verifySealed(of urlID: String?) async throws(TenancyError) -> AuditVerdict {
        // Millions of records take their time.
        let row = try await wire.answer(
            "SELECT * FROM piste.verify_audit($1)", [Parameter(urlID)], deadline: .seconds(3600))
        return try row.read { row throws(PostgresError) in
            AuditVerdict(
                isIntact: try row.bool("ok"), entries: Int64(try row.int("entries")),
                firstBad: try row.optionalInt("first_bad").map { Int64($0) },
                why: try row.optionalString("why"), unsealed: Int64(try row.int("unsealed")),
                beginsAfter: Int64(try row.int("begins_after")))
        }
    }
}

extension TenancyClient {
    /// Gives every committed entry that has none a number and a place in its chain; how many it were.
    ///
    /// For everybody but viewers. Where somebody else seals at the same moment, theirs counts.
    @discardableResult
    public func seal() async throws(TenancyError) -> Int {
        try await sealWaiting()
    }

    /// Records that a company's trail will be read from outside.
    func declareTrail(of urlID: String, _ detail: [String: DeclaredValue]) async throws(TenancyError) {
        _ = try await wire.answer(
            "SELECT * FROM piste.declare_trail($1, $2::jsonb)",
            [.text(urlID), .text(DeclaredValue.json(detail))])
    }
}

extension Wire {
    /// A page of the trail that is open to the session: inside a context its company's, else the control trail.
    func auditTrail(
        matching filter: String, _ page: PageRequest<Int64>
    ) async throws(TenancyError) -> Page<AuditRecord> {
        let filter = try Filter(filter)
        let (before, after): (Int64?, Int64?) =
            switch page.place {
            case .start: (nil, nil)
            case .after(let id): (id, nil)
            case .from(let id): (id + 1, nil)
            case .before(let id): (nil, id)
            case .end: (nil, 0)
            }
        let records = try await auditTrail(
            of: nil, before: before, limit: page.limit + 1, filter, after: after)
        return Page(rows: records, limit: page.limit, backward: after != nil)
    }

    func auditTrail(
        of urlID: String?, before: Int64?, limit: Int, _ filter: Filter? = nil, after: Int64? = nil
    ) async throws(TenancyError) -> [AuditRecord] {
        let rows = try await rows(
            "SELECT * FROM piste.audit_trail($1, $2, $3, $4, $5, $6)",
            [Parameter(urlID), Parameter(before.map { Int($0) }), .int(Int64(limit))]
                + (filter?.search ?? [Parameter(nil as String?), .text("fragment")])
                + [Parameter(after.map { Int($0) })])
        try rows.first?.throwRefusal()
        return try rows.read(AuditRecord.init(row:))
    }
}

extension AuditRecord {
    init(row: Row) throws(PostgresError) {
        self.init(
            id: Int64(try row.int("entry")), seq: try row.optionalInt("seq").map(Int64.init),
            at: try row.date("at"), actor: try row.string("actor"),
            subject: try row.optionalString("subject"), context: try row.optionalString("context"),
            action: try row.string("action"), resource: try row.optionalString("resource"),
            detail: try row.optionalString("detail"), hasValues: try row.bool("has_values"),
            previousHash: try row.optionalString("previous_hash"), hash: try row.optionalString("hash"))
    }
}
