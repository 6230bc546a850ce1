public import FoundationEssentials

/// One tenant: a customer company with a schema of its own.
public struct Company: Hashable, Sendable, Identifiable {
    /// Whether contexts can be opened for the company at all.
    public enum Status: String, Sendable { case active, suspended }

    /// The column a list of companies is ordered by.
    public enum Sort: String, Sendable, CaseIterable {
        case name
        case urlID = "url_id"
        case authProvider = "auth_provider"
        case status
        case users = "users_estimate"
        case createdAt = "created_at"
    }

    /// The short name that addresses the company everywhere; ASCII, unique.
    public let urlID: String
    /// The name as the customer writes it: any script, not safe to print as it is.
    public let name: String
    /// Where its users sign in, for instance `okta`.
    public let authProvider: String
    /// Active or suspended.
    public let status: Status
    /// The number of users by the server's statistics; nil before they were ever gathered.
    public let estimatedUsers: Int?
    /// What the company allows.
    public let policy: CompanyPolicy
    /// When the company was created.
    public let createdAt: Date

    /// The `urlID`: what identifies a row of a list.
    public var id: String { urlID }

    package init(
        urlID: String, name: String, authProvider: String, status: Status, estimatedUsers: Int?,
        policy: CompanyPolicy, createdAt: Date
    ) {
        self.urlID = urlID
        self.name = name
        self.authProvider = authProvider
        self.status = status
        self.estimatedUsers = estimatedUsers
        self.policy = policy
        self.createdAt = createdAt
    }
}
