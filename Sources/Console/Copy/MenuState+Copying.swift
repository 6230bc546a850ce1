import Listing
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
                    key: "a", label: "audit record \(record.number)",
                    choice: .copy(
                        record.seq.map { String($0) } ?? record.number, what: "the audit record's number")))
        }
        return MenuState(title: "Copy", items: items)
    }

    /// The values of an audit record.
    static func copying(_ record: AuditRecord) -> MenuState {
        var items: [Item] = []
        if let seq = record.seq, let hash = record.hash {
            items.append(
                Item(key: "a", label: "number", choice: .copy(String(seq), what: "the audit record's number"))
            )
            items.append(Item(key: "h", label: "hash", choice: .copy(hash, what: "the hash")))
        }
        items.append(
            Item(
                key: "l", label: "the whole record",
                choice: .copy(TabSeparated.text([record], AuditRecord.columns), what: "the record")))
        return MenuState(title: "Copy", items: items)
    }
}
