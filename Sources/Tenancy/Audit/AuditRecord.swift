public import FoundationEssentials

/// One record of an audit trail, with the hash that chains it to the one before.
public struct AuditRecord: Hashable, Sendable, Identifiable {
    /// The record's number in its trail, from 1.
    public let seq: Int64
    /// When it was written, by the server's clock.
    public let at: Date
    /// The login that acted.
    public let actor: String
    /// Whom it acted as.
    public let subject: String?
    /// The context's jti.
    public let context: String?
    /// What was done, for instance `users.read`.
    public let action: String
    /// What it was done to.
    public let resource: String?
    /// More about it, as JSON text.
    public let detail: String?
    /// The hash of the record before, in hexadecimal.
    public let previousHash: String
    /// This record's hash, in hexadecimal.
    public let hash: String

    /// The `seq`.
    public var id: Int64 { seq }

    package init(
        seq: Int64, at: Date, actor: String, subject: String?, context: String?, action: String,
        resource: String?,
        detail: String?, previousHash: String, hash: String
    ) {
        self.seq = seq
        self.at = at
        self.actor = actor
        self.subject = subject
        self.context = context
        self.action = action
        self.resource = resource
        self.detail = detail
        self.previousHash = previousHash
        self.hash = hash
    }
}
