import Postgres
import Tenancy
import TestSupport
import Testing

/// What is computed here is what PostgreSQL computes, whatever the values are.
struct RecomputationTests {
    @Test func hashesHostileValuesAsTheServerDoes() async throws {
        try await EngineWorld.run { world in
            for record in TrailFixture.chain() {
                let server = try await world.owner.value(
                    """
                    SELECT encode(piste.entry_hash(decode($1, 'hex'), $2, ROW(
                        piste.no_company(), 0, 'epoch'::timestamptz + $3::bigint * interval '1 us', $4, $5, $6::uuid, $7,
                        $8, $9::jsonb, decode($10, 'hex'), NULL, NULL)::piste.entry), 'hex')
                    """,
                    [
                        .text(record.previousHashText), .int(record.seq), .int(record.atMicroseconds),
                        .text(record.actor), Parameter(record.subject), Parameter(record.context),
                        .text(record.action), .text(record.resource), Parameter(record.detail),
                        Parameter(record.valuesHash),
                    ])
                // Only where the text that goes in is already as a jsonb prints it.
                let text = try await world.owner.value("SELECT $1::jsonb::text", [Parameter(record.detail)])
                #expect(text == record.detail ?? "")
                #expect(server == record.hashText, "record \(record.seq)")
            }
        }
    }

    @Test func followsATrailWithEverythingThatAClientCanWrite() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            for detail in [
                #"{"b": 1, "a": [1e3, 0.10, -0, 12345678901234567890.5], "ü": "\u00e9\n\"\\"}"#,
                #"{"escape": "\u001b[2J\u009b", "bidi": "\u202e", "pair": "\ud83d\ude00", "text": "{\"x\": 1}"}"#,
                "\"" + String(repeating: "ß", count: 4_000) + "\"", "null", "[]", "\"\"",
            ] {
                try await alice.query(
                    "SELECT piste.declare('users.read', 'users', $1::jsonb)", [.text(detail)])
            }
            await alice.close()
            let reason = "<b>|=\\ \u{1B}]0;x\u{7} \u{202E}\n日本"
            let other = try await world.connect(world.alice)
            #expect(
                try await other.refusal(
                    "impersonate_company('acme', $1, 'T|=1', 'ada@acme.example')", [.text(reason)]) == nil)
            await other.close()
            let (_, records) = try await world.trail("acme")
            #expect(records.count > 30)
            #expect(
                records.contains { $0.detail?.contains("日本") == true && $0.subject == "ada@acme.example" })
            #expect(records.contains { $0.detail == #"{"detail": null}"# })
            #expect(records.count { $0.action == "users.read" && $0.valuesHash != nil } == 4)
            #expect(try await world.verify("acme").isIntact)
            // And the same through the lines of a file.
            let header = AuditHeader(
                company: try await world.owner.value("SELECT id FROM piste.company WHERE url_id = 'acme'"),
                urlID: "acme", engineVersion: "1.0", firstSeq: 1, lastSeq: Int64(records.count))
            let lines = TrailFixture.lines(records, header: header)
            #expect(lines.joined().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            let check = try TrailFixture.check(lines)
            #expect(check.verdict.isIntact && check.verdict.entries == Int64(records.count))
        }
    }

    /// The one must not pass for the other.
    @Test func tellsNullFromAnEmptyText() {
        var records = TrailFixture.chain()
        let index = records.firstIndex { $0.subject == nil } ?? 0
        let sound = records[index].hash
        records[index].subject = ""
        #expect(records[index].computedHash() != sound)
        var check = ChainCheck(company: TrailFixture.company)
        for record in records { check.add(record) }
        #expect(check.verdict().firstBad == records[index].seq)
    }
}
