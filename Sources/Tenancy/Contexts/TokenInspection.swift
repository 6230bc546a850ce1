public import FoundationEssentials

/// What the database says of a context token that somebody brought.
///
/// Of a token that is not its own, or not the asker's, it says only that, in `code` and `words`.
public struct TokenInspection: Hashable, Sendable {
    /// Whether the token's login could enter with it now.
    public let isGood: Bool
    /// The code of what is wrong with it otherwise, such as `token_expired`.
    public let code: String?
    /// The same in words.
    public let words: String?
    /// The token's id.
    public let jti: String?
    /// The company's short name.
    public let urlID: String?
    /// The login that it was issued to.
    public let operatorName: String?
    /// Whom the operator acts as.
    public let subject: String?
    /// Plain access, impersonation or a service's.
    public let purpose: OpenContext.Purpose?
    /// Read only, or read and write.
    public let access: OpenContext.Access?
    /// When it was issued, by the server's clock.
    public let issuedAt: Date?
    /// The end, by the record.
    public let expiresAt: Date?
    /// When it was ended before that.
    public let endedAt: Date?
    /// Whether somebody is inside with it.
    public let isOpen: Bool
    /// What the token says, as JSON; nil unless its signature holds.
    public let claims: String?

    /// Whether PostgreSQL signed it as it is.
    public var isVerified: Bool { claims != nil }
}
