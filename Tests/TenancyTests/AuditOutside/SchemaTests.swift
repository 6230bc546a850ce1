import Foundation
import Tenancy
import TestSupport
import Testing

/// Events hold against the published schema of the version that they name, and against a reader that knows nothing of Piste.
@Suite(.serialized)
struct SchemaTests {
    private static let python = Task {
        await PythonEnvironment.with(
            ["ocsf-json-schema==1.2.0", "jsonschema==4.25.1", "pycef==1.11"],
            importing: "ocsf_json_schema, jsonschema, pycef")
    }

    private static func isThere() async -> Bool { await python.value.path != nil }

    /// Every action that the engine records, and those that a client makes up, each with hostile texts.
    private static func records() throws -> [ChainedRecord] {
        let engine =
            #filePath.components(separatedBy: "/Tests/")[0] + "/Sources/Tenancy/Engine/"
        let names = FileManager.default.enumerator(atPath: engine)?.compactMap { $0 as? String } ?? []
        let text = try names.filter { $0.hasSuffix(".sql") }.map {
            try String(contentsOfFile: engine + $0, encoding: .utf8)
        }.joined()
        let written = Set(text.matches(of: /'([a-z]+\.[a-z_]+(?:\.[a-z_]+)?)'/).map { String($0.1) })
        let actions =
            written.sorted() + ["users.read", "users.update", "journeys.delete", "x.y", "lines.insert"]
        return actions.enumerated().map { index, action in
            let text = TrailFixture.hostile[index % TrailFixture.hostile.count]
            let details = [
                nil, #"{"login": "eve", "refusal": "not_allowed"}"#, #"{"refusal": 7}"#, "[1]", "null", "{",
            ]
            return ChainedRecord(
                seq: Int64(index + 1), atMicroseconds: 1_795_629_169_392_279, actor: "a\(text)",
                subject: text.isEmpty ? nil : text,
                context: index.isMultiple(of: 2) ? TrailFixture.company : nil,
                action: action, resource: index.isMultiple(of: 3) ? "users/7" : "r\(text)",
                detail: details[index % details.count], valuesHash: nil,
                previousHash: ChainedRecord.origin(of: TrailFixture.company),
                hash: ChainedRecord.origin(of: TrailFixture.company))
        }
    }

    private static let ocsf = """
        import json, sys
        from jsonschema import Draft202012Validator
        from ocsf_json_schema import get_ocsf_schema, OcsfJsonSchemaEmbedded

        schemas, seen, bad = {}, 0, []
        for line in sys.stdin:
            event = json.loads(line)
            seen += 1
            version = event["metadata"]["version"]
            if version not in schemas:
                schemas[version] = OcsfJsonSchemaEmbedded(get_ocsf_schema(version))
            key = (version, event["class_uid"])
            if key not in schemas:
                schema = schemas[version].get_class_schema(schemas[version].lookup_class_name_from_uid(key[1]))
                schemas[key] = Draft202012Validator(schema)
            for error in schemas[key].iter_errors(event):
                bad.append(f"{event['metadata']['event_code']} {event['class_uid']}: {error.message[:200]}")
        print(seen, len(bad))
        print("\\n".join(sorted(set(bad))[:20]))
        """

    @Test(.enabled("PyPI is not there") { await isThere() })
    func everyEventIsValidInItsVersion() async throws {
        let python = try #require(await Self.python.value.path)
        let records = try Self.records()
        var bytes: [UInt8] = []
        for header in [
            TrailFixture.header,
            AuditHeader(
                company: ChainCheck.engine, urlID: nil, engineVersion: "2.0", firstSeq: 1, lastSeq: 9),
        ] {
            for record in records { OCSFEvent.append(record, of: header, to: &bytes) }
        }
        let ended = try await PythonEnvironment.run(
            python, Self.ocsf, input: String(decoding: bytes, as: UTF8.self))
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output == "\(2 * records.count) 0\n\n", "\(ended.output)")
        // The control: what version 1.3 made of a company's life is found to be wrong.
        let old = String(decoding: bytes, as: UTF8.self).replacing(
            "\"version\":\"1.5.0\"", with: "\"version\":\"1.3.0\"")
        let control = try await PythonEnvironment.run(python, Self.ocsf, input: old)
        #expect(control.output.contains("3004: Additional properties are not allowed"), "\(control)")
    }

    private static let cef = """
        import json, sys, pycef
        print(json.dumps([pycef.parse(line.rstrip("\\n")) for line in sys.stdin]))
        """

    @Test(.enabled("PyPI is not there") { await isThere() })
    func everyLineOfCEFIsReadBack() async throws {
        let python = try #require(await Self.python.value.path)
        let records = try Self.records()
        var bytes: [UInt8] = []
        for record in records { CEFEvent.append(record, of: TrailFixture.header, to: &bytes) }
        let ended = try await PythonEnvironment.run(
            python, Self.cef, input: String(decoding: bytes, as: UTF8.self))
        let read = try #require(
            try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [[String: Any]?],
            "\(ended.errors)")
        #expect(read.count == records.count)
        for (record, fields) in zip(records, read) {
            #expect(fields?["act"] as? String == record.action)
            #expect(fields?["externalId"] as? String == String(record.seq))
            #expect(
                fields?["cs6"] as? String == TrailFixture.company
                    || fields?["companyId"] as? String == TrailFixture.company)
        }
    }
}
