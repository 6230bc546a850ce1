import Foundation
import Tenancy
import Testing
import Text

/// Events for a SIEM hold what their formats require, whatever the values are.
struct ForeignFormatTests {
    private static let actions = [
        "company.create", "company.rename", "company.delete", "company.refused", "token.issue",
        "token.refused",
        "token.shown", "company.suspend", "company.resume", "incident.head", "impersonation.issue",
        "impersonation.refused", "context.open", "context.close",
        "context.end",
        "context.expire", "context.refused", "users.read", "users.update", "users.insert", "users.delete",
        "journeys.read", "overview.read", "audit.read", "audit.refused", "audit.checkpoint", "operator.add",
        "operator.remove", "operator.level", "operator.refused", "membership.revoke", "something.new",
    ]

    /// Records of every action, each with hostile values.
    private static func records() -> [ChainedRecord] {
        actions.enumerated().map { index, action in
            let text = TrailFixture.hostile[index % TrailFixture.hostile.count]
            return ChainedRecord(
                seq: Int64(index + 1), atMicroseconds: 1_795_629_169_392_279, actor: "a\(text)",
                subject: text.isEmpty ? nil : text,
                context: action.hasPrefix("context") ? TrailFixture.company : nil, action: action,
                resource: action.hasPrefix("users") ? "users/7" : "x\(text)",
                detail: action.hasSuffix(".refused")
                    ? "{\"reason\": \"\(index)\", \"refusal\": \"not_allowed\"}"
                    : "{\"login\": \"eve\", \"reason\": \"\(index)\"}",
                valuesHash: index.isMultiple(of: 2) ? String(repeating: "0f", count: 32) : nil,
                previousHash: ChainedRecord.origin(of: TrailFixture.company),
                hash: ChainedRecord.origin(of: TrailFixture.company))
        }
    }

    private static func lines(
        _ append: (ChainedRecord, AuditHeader, inout [UInt8]) -> Void
    ) -> [(record: ChainedRecord, line: String)] {
        records().map { record in
            var bytes: [UInt8] = []
            append(record, TrailFixture.header, &bytes)
            #expect(bytes.filter { $0 < 0x20 || $0 == 0x7F } == [0x0A] && bytes.last == 0x0A)
            let line = String(decoding: bytes.dropLast(), as: UTF8.self)
            #expect(!line.unicodeScalars.contains(where: JSONText.isHazardous))
            return (record, line)
        }
    }

    /// What version 1.5 of the schema requires of each class, by the class's number.
    private static let required: [Int: [String]] = [
        3001: ["user"], 3002: ["user", "service"], 3004: ["entity"], 6003: ["actor", "api", "src_endpoint"],
        6005: ["actor", "src_endpoint", "database", "table"],
    ]
    private static let activities: [Int: Set<Int>] = [
        3001: [1, 2, 5, 6, 99], 3002: [1, 2, 99], 3004: [1, 2, 3, 4, 12, 13, 99], 6003: [1, 2, 3, 4, 99],
        6005: [1, 2, 6, 7, 99],
    ]

    @Test func writesWhatOCSFRequires() throws {
        var classes: [String: Int] = [:]
        for (record, line) in Self.lines({ OCSFEvent.append($0, of: $1, to: &$2) }) {
            let event = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(record.action)")
            let number = try #require(event["class_uid"] as? Int)
            let activity = try #require(event["activity_id"] as? Int)
            classes[record.action] = number
            #expect(event["category_uid"] as? Int == number / 1000)
            #expect(event["type_uid"] as? Int == number * 100 + activity)
            #expect(Self.activities[number]?.contains(activity) == true, "\(record.action)")
            #expect(activity != 99 || event["activity_name"] as? String == record.action)
            #expect(event["time"] as? Int == 1_795_629_169_392)
            #expect((0...6).contains(event["severity_id"] as? Int ?? -1))
            let isRefused = record.action.hasSuffix("refused")
            #expect((event["status_id"] as? Int == 2) == isRefused)
            #expect(event["status_code"] as? String == (isRefused ? "not_allowed" : nil))
            #expect(event["severity_id"] as? Int == Self.severity(of: record.action), "\(record.action)")
            let metadata = try #require(event["metadata"] as? [String: Any])
            #expect(metadata["version"] as? String == "1.5.0")
            #expect((metadata["product"] as? [String: Any])?["name"] as? String == "piste")
            for key in Self.required[number] ?? ["no such class"] {
                let object = try #require(event[key] as? [String: Any], "\(record.action) has no \(key)")
                #expect(!object.isEmpty)
            }
            let actor = try #require(event["actor"] as? [String: Any])
            #expect((actor["user"] as? [String: Any])?["name"] as? String == record.actor)
            if let api = event["api"] as? [String: Any] {
                #expect(api["operation"] as? String == record.action)
            }
            let unmapped = try #require(event["unmapped"] as? [String: Any])
            #expect(unmapped["subject"] as? String == record.subject)
            #expect(unmapped["resource"] as? String == record.resource)
            #expect(unmapped["detail"] as? String == record.detail)
            #expect(unmapped["at_us"] as? Int == 1_795_629_169_392_279)
            #expect(unmapped["hash"] as? String == record.hashText)
        }
        #expect(
            classes["context.open"] == 3002 && classes["operator.add"] == 3001
                && classes["company.rename"] == 3004)
        #expect(
            classes["users.read"] == 6005 && classes["audit.read"] == 6003 && classes["something.new"] == 6003
        )
    }

    /// Refusals, impersonations and what nobody may do stand out from everyday work, each by itself.
    private static func severity(of action: String) -> Int {
        switch action {
        case _ where action.hasSuffix("refused"): 3
        case "incident.head": 4
        case "impersonation.issue", "operator.add", "operator.remove", "operator.level", "membership.revoke",
            "company.delete", "company.suspend", "company.resume", "token.shown":
            2
        default: 1
        }
    }

    @Test func writesCEFThatCanBeReadBack() throws {
        for (record, line) in Self.lines({ CEFEvent.append($0, of: $1, to: &$2) }) {
            let (header, fields) = try #require(Self.parsed(line))
            #expect(header.prefix(4) == ["CEF:0", "Piste", "piste", "1.0"])
            #expect(header[4] == record.action)
            #expect(header[6] == ["", "3", "5", "6", "9"][Self.severity(of: record.action)])
            #expect(fields["reason"] == (record.action.hasSuffix("refused") ? "not_allowed" : nil))
            #expect(fields["suser"] == Self.visible(record.actor))
            #expect(fields["duser"] == record.subject.map(Self.visible))
            #expect(fields["cs3"] == Self.visible(record.resource))
            #expect(fields["msg"] == record.detail)
            #expect(fields["externalId"] == String(record.seq))
            #expect(fields["cs4"] == record.hashText)
            #expect(fields["rt"] == "1795629169392")
        }
    }

    /// A text as CEF can hold it: what it has no escape for is written out.
    private static func visible(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            scalar == "\n" || scalar == "\r" || !JSONText.isHazardous(scalar)
                ? String(scalar) : JSONText.escape(scalar)
        }.joined()
    }

    /// Reads a CEF line as its specification says: seven fields, then pairs, whose keys are words before an equals sign.
    private static func parsed(_ line: String) -> (header: [String], fields: [String: String])? {
        var header = [""]
        var rest = line.unicodeScalars[...]
        while header.count < 8, let scalar = rest.popFirst() {
            switch scalar {
            case "\\": rest.popFirst().map { header[header.count - 1].unicodeScalars.append($0) }
            case "|": header.append("")
            default: header[header.count - 1].unicodeScalars.append(scalar)
            }
        }
        guard header.count == 8 else { return nil }
        // A key begins behind a space and ends before an equals sign that is not escaped.
        var fields: [String: String] = [:]
        var key = ""
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\\", let next = rest.popFirst() {
                value.append(next == "n" ? "\n" : next == "r" ? "\r" : next)
            } else if scalar == "=" {
                let begin = value.lastIndex(of: " ").map { value.index(after: $0) } ?? value.startIndex
                let next = String(value[begin...])
                if !key.isEmpty { fields[key] = String(value[..<value.index(before: begin)]) }
                key = next
                value = String.UnicodeScalarView()
            } else {
                value.append(scalar)
            }
        }
        fields[key] = String(value)
        return (Array(header.dropLast()), fields)
    }
}
