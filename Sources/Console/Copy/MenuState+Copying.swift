import Tenancy
import Terminal

extension MenuState {
    /// The values of a user, a journey and the newest audit record that a ticket may want.
    static func copying(_ user: User?, journey: Journey?, record: AuditRecord?) -> MenuState {
        var items: [Item] = []
        if let user {
            items.append(
                Item(key: "u", label: "user id", choice: .copy(String(user.id), what: "the user's id")))
            items.append(Item(key: "e", label: "email", choice: .copy(user.email, what: "the email")))
            items.append(Item(key: "n", label: "name", choice: .copy(user.name, what: "the name")))
        }
        if let journey {
            items.append(
                Item(
                    key: "j", label: "journey id", choice: .copy(String(journey.id), what: "the journey's id")
                ))
        }
        if let record {
            items.append(
                Item(
                    key: "a", label: "audit record #\(String(record.seq))",
                    choice: .copy(String(record.seq), what: "the audit record's number")))
        }
        return MenuState(title: "Copy", items: items)
    }

    /// The values of an audit record.
    static func copying(_ record: AuditRecord) -> MenuState {
        MenuState(
            title: "Copy",
            items: [
                Item(
                    key: "a", label: "number",
                    choice: .copy(String(record.seq), what: "the audit record's number")),
                Item(key: "h", label: "hash", choice: .copy(record.hash, what: "the hash")),
                Item(
                    key: "l", label: "the whole record",
                    choice: .copy(record.asLine, what: "the record")),
            ])
    }
}

extension AuditRecord {
    /// The record in one line of tab-separated fields.
    var asLine: String {
        [String(seq), Moment.iso(at), actor, subject ?? "", action, resource ?? "", detail ?? "", hash]
            .joined(separator: "\t")
    }
}
