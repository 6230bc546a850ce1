public import FoundationEssentials

/// A person of a company, as its schema holds them.
public struct User: Hashable, Sendable, Identifiable {
    /// Where a user stands: one of the three, or in an adopted company its application's own word, empty where its map names no
    /// column.
    public struct Status: RawRepresentable, Hashable, Sendable, CaseIterable {
        /// Signs in.
        public static let active = Status(rawValue: "active")
        /// Was asked, and has not come yet.
        public static let invited = Status(rawValue: "invited")
        /// No longer signs in.
        public static let suspended = Status(rawValue: "suspended")
        /// Those that a company which Piste made has.
        public static let allCases: [Status] = [.active, .invited, .suspended]

        /// The word as the table has it.
        public let rawValue: String

        /// Takes any word.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The column a list of users is ordered by.
    public enum Sort: String, Sendable, CaseIterable {
        case name, email, status, role
        case createdAt = "created_at"
        case lastSeenAt = "last_seen_at"
    }

    /// The row's id.
    public let id: Int64
    /// The email address; not safe to print as it is, like every text of a tenant.
    public let email: String
    /// The display name.
    public let name: String
    /// The role inside the company, for instance `admin`.
    public let role: String
    /// Active, invited or suspended.
    public let status: Status
    /// The language setting, for instance `de-CH`.
    public let locale: String
    /// When the user was created; nil where an adopted company's map does not tell.
    public let createdAt: Date?
    /// When the user was last seen; nil for never.
    public let lastSeenAt: Date?
    /// Where this row stands in the order it was read in.
    public let keyset: Keyset

    package init(
        id: Int64, email: String, name: String, role: String, status: Status, locale: String,
        createdAt: Date?,
        lastSeenAt: Date?, keyset: Keyset
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.role = role
        self.status = status
        self.locale = locale
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.keyset = keyset
    }
}
