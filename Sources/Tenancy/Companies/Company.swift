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

    /// Whether this can be a company's `urlID`: 2 to 63 characters, a letter first, then letters, digits and single hyphens
    /// between them, all of them ASCII and small.
    ///
    /// The engine asks again (`piste.is_url_id`).
    public static func isURLID(_ text: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (2...63).contains(text.utf8.count), text.utf8.first.map(letters.contains) == true else {
            return false
        }
        // Empty parts are what a hyphen at the end, or a second one, leaves.
        return text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.allSatisfy { letters.contains($0) || digits.contains($0) }
        }
    }

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
