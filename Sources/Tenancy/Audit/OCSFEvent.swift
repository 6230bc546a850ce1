import Text

/// A record as an event of the Open Cybersecurity Schema Framework, version 1.5 (schema.ocsf.io).
///
/// The class is the one whose required attributes the record really has: who came and went is Authentication (3002), what
/// happened to an operator is Account Change (3001), to a company Entity Management (3004), to the rows of a company
/// Datastore Activity (6005), and everything else API Activity (6003). The client's address is not in a trail, so the source
/// endpoint, which three classes want, is the service. A refusal's code is the `status_code`. The whole record is in `unmapped`,
/// hashes and all.
package struct OCSFEvent: Sendable {
    /// Appends the event and its line end.
    package static func append(_ record: ChainedRecord, of header: AuditHeader, to bytes: inout [UInt8]) {
        OCSFEvent(record, header).value.append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A class of the schema: its number and its activities.
    private struct Class {
        let uid: Int64
        let name: String
        let activities: [AuditVerb: (id: Int64, name: String)]

        var category: (uid: Int64, name: String) {
            uid < 6000 ? (3, "Identity & Access Management") : (6, "Application Activity")
        }
    }

    private static let changes: [AuditVerb: (id: Int64, name: String)] = [
        .create: (1, "Create"), .read: (2, "Read"), .update: (3, "Update"), .delete: (4, "Delete"),
    ]
    private static let authentication = Class(
        uid: 3002, name: "Authentication", activities: [.logon: (1, "Logon"), .logoff: (2, "Logoff")])
    private static let account = Class(
        uid: 3001, name: "Account Change", activities: [.create: (1, "Create"), .delete: (6, "Delete")])
    private static let entity = Class(
        uid: 3004, name: "Entity Management",
        activities: changes.merging([.suspend: (12, "Suspend"), .resume: (13, "Resume")]) { $1 })
    private static let api = Class(uid: 6003, name: "API Activity", activities: changes)
    private static let datastore = Class(
        uid: 6005, name: "Datastore Activity",
        activities: [
            .read: (1, "Read"), .update: (2, "Update"), .create: (6, "Create"), .delete: (7, "Delete"),
        ])

    private let record: ChainedRecord
    private let header: AuditHeader
    private let verb: AuditVerb
    private let weight: AuditWeight
    private var isRefused: Bool { weight == .refused }

    private init(_ record: ChainedRecord, _ header: AuditHeader) {
        self.record = record
        self.header = header
        verb = AuditVerb(record.action)
        weight = AuditWeight(record.action)
    }

    private var kind: Class {
        switch record.action.split(separator: ".").first.map(String.init) ?? "" {
        case "context", "token", "impersonation":
            [.logon, .logoff, .ticket].contains(verb) ? Self.authentication : Self.api
        case "operator": Self.account
        case "company": Self.entity
        case "audit", "membership": Self.api
        // Clients choose the words for what they read, so that the resource decides.
        default: table.isEmpty ? Self.api : Self.datastore
        }
    }

    /// The first table that the record is about: of `users/7`, of `users,journeys`.
    private var table: String {
        let name = record.resource.prefix { $0 != "," && $0 != "/" }
        return ["users", "journeys", "journey_steps"].contains(String(name)) ? String(name) : ""
    }

    private var value: JSONValue {
        let kind = kind
        let activity = kind.activities[verb] ?? (99, record.action)
        var members: [(key: String, value: JSONValue)] = [
            ("class_uid", .number(kind.uid)), ("class_name", .text(kind.name)),
            ("category_uid", .number(kind.category.uid)), ("category_name", .text(kind.category.name)),
            ("activity_id", .number(activity.id)), ("activity_name", .text(activity.name)),
            ("type_uid", .number(kind.uid * 100 + activity.id)),
            ("type_name", .text("\(kind.name): \(activity.name)")),
            ("time", .number(milliseconds)),
            ("severity_id", .number(weight.ocsf.id)), ("severity", .text(weight.ocsf.name)),
            ("status_id", isRefused ? 2 : 1), ("status", isRefused ? "Failure" : "Success"),
            ("status_code", JSONValue(refusal)),
            ("status_detail", JSONValue(isRefused ? record.detail : nil)),
            ("message", .text("\(record.actor): \(record.action) \(record.resource)")),
            ("metadata", metadata), ("actor", actor),
        ]
        members += particulars(of: kind)
        members.append(("unmapped", unmapped))
        return .object(members)
    }

    private func particulars(of kind: Class) -> [(key: String, value: JSONValue)] {
        switch kind.uid {
        case 3002: [("user", user), ("session", session), ("service", service), ("src_endpoint", endpoint)]
        case 3001: [("user", account), ("src_endpoint", endpoint)]
        case 3004:
            [
                (
                    "entity",
                    [
                        "name": JSONValue(header.urlID ?? "piste"), "uid": .text(header.company),
                        "type": "company",
                    ]
                )
            ]
        case 6005:
            [
                ("src_endpoint", endpoint),
                (
                    "database",
                    [
                        "name": JSONValue(header.urlID ?? "piste"), "uid": .text(header.company),
                        "type": "Relational", "type_id": 1,
                    ]
                ),
                ("table", ["name": .text(table)]), ("type", "Table"), ("type_id", 3),
            ]
        default:
            [
                ("api", ["operation": .text(record.action), "service": service]), ("src_endpoint", endpoint),
                ("resources", [["name": .text(record.resource)]]),
            ]
        }
    }

    private var milliseconds: Int64 { record.atMilliseconds }

    /// The code of what was refused, by which a SIEM filters.
    private var refusal: String? { isRefused ? record.refusalCode : nil }

    private var metadata: JSONValue {
        [
            "version": "1.5.0", "uid": .text("\(header.company)/\(record.seq)"),
            "sequence": .number(record.seq),
            "event_code": .text(record.action), "log_name": "audit",
            "product": ["name": "piste", "vendor_name": "Piste", "version": .text(header.engineVersion)],
        ]
    }

    private var actor: JSONValue {
        ["user": ["name": .text(record.actor), "type_id": 0], "session": session]
    }

    private var session: JSONValue {
        record.context.map { ["uid": .text($0), "issuer": "piste"] } ?? .null
    }

    /// Whom the actor came as: the impersonated user or company, or the actor.
    private var user: JSONValue { ["name": .text(record.subject ?? record.actor), "type_id": 0] }

    /// The operator that was changed, whose login is in the detail.
    private var account: JSONValue {
        let login = record.detail.flatMap { AuditDetail.text("login", in: $0) }
        return ["name": .text(login ?? record.resource), "type_id": 0]
    }

    private var service: JSONValue { ["name": "piste", "uid": .text(header.company)] }

    private var endpoint: JSONValue { ["svc_name": "piste", "name": "piste"] }

    private var unmapped: JSONValue {
        [
            "company": .text(header.company), "url_id": JSONValue(header.urlID), "seq": .number(record.seq),
            "at_us": .number(record.atMicroseconds), "subject": JSONValue(record.subject),
            "context": JSONValue(record.context), "action": .text(record.action),
            "resource": .text(record.resource), "detail": JSONValue(record.detail),
            "values_hash": JSONValue(record.valuesHash),
            "previous_hash": .text(record.previousHashText), "hash": .text(record.hashText),
        ]
    }
}
