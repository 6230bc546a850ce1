public import FoundationEssentials

/// The record of a key that signs, or signed, a company's tokens; the secret never leaves the database.
public struct SigningKey: Hashable, Sendable, Identifiable {
    /// The name of the key in a token's header.
    public let kid: String
    /// The one algorithm that the key is for.
    public let algorithm: String
    /// When it was drawn.
    public let createdAt: Date
    /// The login that had it drawn; nil for keys that are older than this record.
    public let createdBy: String?
    /// When it was retired and its secret destroyed; nil for the key in use.
    public let retiredAt: Date?
    /// The login that retired it.
    public let retiredBy: String?

    /// The `kid`.
    public var id: String { kid }

    package init(
        kid: String, algorithm: String, createdAt: Date, createdBy: String?, retiredAt: Date?,
        retiredBy: String?
    ) {
        self.kid = kid
        self.algorithm = algorithm
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.retiredAt = retiredAt
        self.retiredBy = retiredBy
    }
}
