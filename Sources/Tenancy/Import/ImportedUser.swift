package import Postgres

/// A row for a company's `users`, as the cluster's owner loads it.
package struct ImportedUser: Sendable {
    package var id: Int64
    package var email: String
    package var name: String
    package var role: String
    package var status: User.Status
    package var locale: String
    package var createdAt: Timestamp
    /// Nil for never.
    package var lastSeenAt: Timestamp?

    package init(
        id: Int64, email: String, name: String, role: String = "member", status: User.Status = .active,
        locale: String = "en", createdAt: Timestamp, lastSeenAt: Timestamp? = nil
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.role = role
        self.status = status
        self.locale = locale
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
    }
}

extension ImportedUser: ImportedRow {
    static let table = "users"
    static let columns = ["id", "email", "name", "role", "status", "locale", "created_at", "last_seen_at"]

    func write(to text: inout CopyText) {
        text.add(id)
        text.add(email)
        text.add(name)
        text.add(role)
        text.add(status.rawValue)
        text.add(locale)
        text.add(createdAt)
        text.add(lastSeenAt)
    }
}
