import Foundation
import Postgres
import Tenancy
import TestSupport

/// A chain made here, without a server, of records with hostile values.
enum TrailFixture {
    static let company = "230f7f8c-a0fa-4224-9e5b-ea510b752c3a"

    static let hostile = [
        "plain", "", "quote\" back\\slash", "new\nline\r\ttab", "esc\u{1B}[2J\u{7}", "\u{9B}31m\u{7F}",
        "日本語 العربية e\u{301}", "👩‍👩‍👧‍👦 \u{202E}gnirts\u{2066}", "a|b=c\\|d\\=e", "\u{2028}\u{FEFF}\u{FFFD}",
        "5:abc,0:,",
        String(repeating: "é", count: 5_000),
    ]

    static var header: AuditHeader {
        AuditHeader(company: company, urlID: "acme", engineVersion: "1.0", firstSeq: 1, lastSeq: 12)
    }

    /// Twelve records, each with another hostile value in each text.
    static func chain(company: String = Self.company, salt: String = "") -> [ChainedRecord] {
        var records: [ChainedRecord] = []
        for seq in 1...12 as ClosedRange<Int64> {
            let text = hostile[Int(seq) - 1] + salt
            let first = "{\"url_id\": \"acme\", \"company\": \"\(company)\"}"
            records.append(
                ChainedRecord(
                    seq: seq, atMicroseconds: 1_795_629_169_000_000 + seq * 1_001, actor: "al\(text)",
                    subject: text.isEmpty ? nil : text,
                    context: seq.isMultiple(of: 2) ? "562b8213-40c5-432d-a539-941c00195bf1" : nil,
                    action: seq == 1 ? "company.create" : "users.read", resource: "users",
                    detail: seq == 1 ? first : seq == 3 ? nil : "{\"n\": 1.50, \"t\": \"\(seq)\"}",
                    valuesHash: seq.isMultiple(of: 3) ? String(repeating: "a\(seq % 10)", count: 32) : nil,
                    previousHash: [], hash: []))
        }
        return chained(records, company: company)
    }

    /// The same records as a sound chain.
    static func chained(_ records: [ChainedRecord], company: String = Self.company) -> [ChainedRecord] {
        var previous = ChainedRecord.origin(of: company)
        return records.map { record in
            var record = record
            record.previousHash = previous
            record.hash = record.computedHash()
            previous = record.hash
            return record
        }
    }

    /// The lines of an export, without their ends.
    static func lines(_ records: [ChainedRecord], header: AuditHeader? = Self.header) -> [String] {
        var bytes: [UInt8] = []
        if let header { AuditLine.append(header, to: &bytes) }
        for record in records { AuditLine.append(record, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Verifies lines as a file.
    static func check(
        _ lines: [String], ending: String = "\n", through points: [ChainCheck.Point] = []
    ) throws -> ExportCheck {
        try withFile(lines.map { $0 + ending }.joined()) { path in
            try ExportCheck(path: path, through: points)
        }
    }

    /// Runs the body with a file of this content, and removes it.
    static func withFile<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
        let path = NSTemporaryDirectory() + "/piste-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}

extension EngineWorld {
    /// An operator's client, closed afterwards.
    func client<Value>(
        _ login: String, _ body: (TenancyClient) async throws -> Value
    ) async throws -> Value {
        let client = try await TenancyClient.connect(database.settings(user: login))
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }

    /// A company's whole trail and its header, as an admin exports it.
    func trail(_ company: String) async throws -> (header: AuditHeader, records: [ChainedRecord]) {
        try await client(bob) { client in
            let header = try await client.auditHeader(of: company)
            var records: [ChainedRecord] = []
            try await client.auditRecords(of: company, header, pageSize: 7) { records += $0 }
            return (header, records)
        }
    }

    /// Verifies a company's trail in this process, from the records that an admin gets.
    func verify(_ company: String, through points: [ChainCheck.Point] = []) async throws -> AuditVerdict {
        let (header, records) = try await trail(company)
        var check = ChainCheck(company: header.company, first: header.firstSeq, through: points)
        for record in records { check.add(record) }
        check.require(end: header.lastSeq)
        return check.verdict()
    }

    /// What a superuser can do: changes the trail and makes it consistent again, hashes, head, anchors and all.
    func rewrite(_ home: String, _ changes: String...) async throws {
        try await owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
        for change in changes { try await owner.query(change) }
        try await owner.query(
            """
            DO $$
            DECLARE
                r piste.entry;
                link bytea;
                n bigint := 0;
            BEGIN
                FOR r IN SELECT * FROM piste_test.\(home) WHERE seq IS NOT NULL ORDER BY seq LOOP
                    n := n + 1;
                    link := piste.entry_hash(coalesce(link, piste.trail_origin(r.company)), n, r);
                    UPDATE piste_test.\(home) SET seq = n, hash = link WHERE id = r.id;
                END LOOP;
                UPDATE piste_test.head_\(home) SET seq = n, hash = link;
                DELETE FROM piste.entry_values v
                WHERE NOT EXISTS (SELECT FROM piste.entry e WHERE e.id = v.entry);
                DELETE FROM piste.audit_anchor;
            END
            $$
            """)
        try await owner.query("ALTER TABLE piste.entry ENABLE TRIGGER ALL")
    }
}
