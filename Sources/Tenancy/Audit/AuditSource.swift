package import Postgres
import Signing
import Text

/// Somebody who may read a trail from its beginning: an admin from outside, or whoever is inside.
package protocol AuditSource: Sendable {
    /// Says that the trail is going to be read, where that has to be on record first.
    func announceReading(of urlID: String?) async throws(TenancyError)

    /// The rows of a statement of the engine's.
    func auditRows(
        _ sql: String, _ parameters: [Parameter], deadline: Duration
    ) async throws(TenancyError) -> Rows
}

extension TenancyClient: AuditSource {
    package func announceReading(of urlID: String?) async throws(TenancyError) {
        if let urlID { try await declareTrail(of: urlID, ["export": 1]) }
    }

    package func auditRows(
        _ sql: String, _ parameters: [Parameter], deadline: Duration
    ) async throws(TenancyError) -> Rows {
        try await wire.rows(sql, parameters, deadline: deadline)
    }
}

extension TenantSession: AuditSource {
    /// Inside, the context itself is on record.
    package func announceReading(of urlID: String?) async throws(TenancyError) {}

    package func auditRows(
        _ sql: String, _ parameters: [Parameter], deadline: Duration
    ) async throws(TenancyError) -> Rows {
        try await wire.rows(sql, parameters, deadline: deadline)
    }
}

extension AuditSource {
    /// Seals what waits in every trail; how many entries.
    ///
    /// A long backlog takes its time.
    func sealWaiting() async throws(TenancyError) -> Int {
        let rows = try await auditRows("SELECT piste.seal()", [], deadline: .seconds(600))
        return try rows.first?.read { row throws(PostgresError) in try row.int(0) } ?? 0
    }

    /// Has what waits sealed; whoever may not do so works with what others have sealed.
    func sealFirst() async throws(TenancyError) {
        do throws(TenancyError) {
            _ = try await sealWaiting()
        } catch  where error.sqlState == "PT403" {
            return
        }
    }

    private func auditRows(
        _ sql: String, _ parameters: [Parameter]
    ) async throws(TenancyError) -> Rows {
        try await auditRows(sql, parameters, deadline: Wire.patience)
    }

    /// What an export of the trail will hold: from the first bound on, up to the second one.
    ///
    /// A number is part of it at both ends; a moment is part of it at the beginning only. nil is the engine's own trail.
    package func auditHeader(
        of urlID: String?, since: AuditBound? = nil, until: AuditBound? = nil
    ) async throws(TenancyError) -> AuditHeader {
        try await auditExtent(of: urlID, since: since, until: until).header
    }

    /// The same, with what is not in the database or not sealed.
    package func auditExtent(
        of urlID: String?, since: AuditBound? = nil, until: AuditBound? = nil
    ) async throws(TenancyError) -> AuditExtent {
        try await sealFirst()
        try await announceReading(of: urlID)
        let rows = try await auditRows(
            "SELECT * FROM piste.audit_extent($1, $2, $3)",
            [Parameter(urlID), since?.parameter ?? .null, until?.parameter ?? .null])
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        try row.throwRefusal()
        let (header, entries, unsealed) = try row.read { row throws(PostgresError) in
            (
                AuditHeader(
                    company: try row.string("company"), urlID: try row.optionalString("company_url_id"),
                    engineVersion: try row.string("engine_version"),
                    firstSeq: Int64(try row.int("first_seq")),
                    lastSeq: Int64(try row.int("last_seq"))),
                Int64(try row.int("entries")), Int64(try row.int("unsealed"))
            )
        }
        var extent = AuditExtent(header: header, beginsAfter: header.firstSeq - 1, unsealed: unsealed)
        switch since {
        // Of a moment's first record it is not known whether others were before it.
        case .moment: extent.beginsAfter = 0
        case .seq(let seq): extent.header.firstSeq = max(seq, header.firstSeq)
        case nil: break
        }
        if case .seq(let seq) = until { extent.header.lastSeq = min(seq, entries) }
        return extent
    }

    /// Hands every record that the header announces to `each`, oldest first, a page at a time.
    ///
    /// While one page is worked on, the next one is fetched. An admin's reading is recorded page by page, before it.
    package func auditRecords(
        of urlID: String?, _ header: AuditHeader, pageSize: Int = 5_000,
        each: ([ChainedRecord]) throws -> Void
    ) async throws {
        var after = header.firstSeq - 1
        var page = try await auditPage(of: urlID, after: after, upto: header.lastSeq, pageSize)
        while let last = page.last {
            // A server that gives the same again must not be asked for ever.
            let isLast = page.count < pageSize || last.seq >= header.lastSeq || last.seq <= after
            async let following =
                isLast ? [] : auditPage(of: urlID, after: last.seq, upto: header.lastSeq, pageSize)
            try each(page)
            after = last.seq
            page = try await following
        }
    }

    private func auditPage(
        of urlID: String?, after: Int64, upto: Int64, _ limit: Int
    ) async throws(TenancyError) -> [ChainedRecord] {
        guard upto > after else { return [] }
        try await announceReading(of: urlID)
        let rows = try await auditRows(
            "SELECT * FROM piste.audit_records($1, $2, $3, $4)",
            [Parameter(urlID), .int(after), .int(upto), .int(Int64(limit))])
        try rows.first?.throwRefusal()
        return try rows.read(ChainedRecord.init(auditRow:))
    }
}

extension Row {
    fileprivate func hash(_ column: some ColumnReference) throws(PostgresError) -> [UInt8] {
        Hexadecimal.bytes(try string(column)) ?? []
    }
}

extension ChainedRecord {
    /// A row of `audit_records` or `export_records`, whose columns come in a known order.
    init(auditRow row: Row) throws(PostgresError) {
        self.init(
            seq: Int64(try row.int(0)), atMicroseconds: Int64(try row.int(1)), actor: try row.string(2),
            subject: try row.optionalString(3), context: try row.optionalString(4), action: try row.string(5),
            resource: try row.string(6), detail: try row.optionalString(7),
            valuesHash: try row.optionalString(8),
            previousHash: try row.hash(9), hash: try row.hash(10))
    }

    init(namedIn row: Row) throws(PostgresError) {
        self.init(
            seq: Int64(try row.int("seq")), atMicroseconds: Int64(try row.int("at_us")),
            actor: try row.string("actor"), subject: try row.optionalString("subject"),
            context: try row.optionalString("context"), action: try row.string("action"),
            resource: try row.string("resource"), detail: try row.optionalString("detail"),
            valuesHash: try row.optionalString("values_hash"), previousHash: try row.hash("previous_hash"),
            hash: try row.hash("hash"))
    }
}
