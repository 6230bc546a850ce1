public import FoundationEssentials

/// A context of the control list: who is, or was, in which company, since when, until when and why.
public struct ContextRecord: Hashable, Sendable, Identifiable {
    /// The token's id.
    public let jti: String
    /// The company's short name.
    public let urlID: String
    /// The company's display name.
    public let companyName: String
    /// The login that holds the context.
    public let operatorName: String
    /// Plain access, impersonation or a service's.
    public let purpose: OpenContext.Purpose
    /// Whom the operator acts as.
    public let subject: String?
    /// The written reason of an impersonation.
    public let reason: String?
    /// The ticket of an impersonation.
    public let ticket: String?
    /// When the token was issued.
    public let issuedAt: Date
    /// When a backend first entered with it.
    public let openedAt: Date?
    /// The end, by the server's clock.
    public let expiresAt: Date
    /// When it was ended before that.
    public let endedAt: Date?
    /// Why it ended.
    public let endReason: String?
    /// Whether a backend holds it now.
    public let isLive: Bool

    /// The `jti`.
    public var id: String { jti }

    package init(
        jti: String, urlID: String, companyName: String, operatorName: String, purpose: OpenContext.Purpose,
        subject: String?, reason: String?, ticket: String?, issuedAt: Date, openedAt: Date?, expiresAt: Date,
        endedAt: Date?, endReason: String?, isLive: Bool
    ) {
        self.jti = jti
        self.urlID = urlID
        self.companyName = companyName
        self.operatorName = operatorName
        self.purpose = purpose
        self.subject = subject
        self.reason = reason
        self.ticket = ticket
        self.issuedAt = issuedAt
        self.openedAt = openedAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
        self.endReason = endReason
        self.isLive = isLive
    }
}
