public import FoundationEssentials

/// One record of an audit trail.
///
/// It is committed when it can be read; once it is sealed it has a number and the hash that chains it to the one before.
public struct AuditRecord: Hashable, Sendable, Identifiable {
    /// What tells the entry from all others; entries of one trail grow in the order in which they were made.
    public let id: Int64
    /// The record's number in its trail, from 1; nil while it is not sealed.
    public let seq: Int64?
    /// When it was made, by the server's clock.
    public let at: Date
    /// The login that acted.
    public let actor: String
    /// Whom it acted as.
    public let subject: String?
    /// The context's jti, or the ticket.
    public let context: String?
    /// What was done, for instance `users.read`.
    public let action: String
    /// What it was done to.
    public let resource: String?
    /// More about it, as JSON text; nothing of it came from a row.
    public let detail: String?
    /// Whether what came from rows was kept apart: `TenantSession.auditValues` reads it.
    public let hasValues: Bool
    /// The hash of the record before, in hexadecimal; nil while it is not sealed.
    public let previousHash: String?
    /// This record's hash, in hexadecimal; nil while it is not sealed.
    public let hash: String?

    /// Whether the record has its place in the chain.
    public var isSealed: Bool { seq != nil }

    package init(
        id: Int64, seq: Int64?, at: Date, actor: String, subject: String?, context: String?, action: String,
        resource: String?, detail: String?, hasValues: Bool = false, previousHash: String?, hash: String?
    ) {
        self.id = id
        self.seq = seq
        self.at = at
        self.actor = actor
        self.subject = subject
        self.context = context
        self.action = action
        self.resource = resource
        self.detail = detail
        self.hasValues = hasValues
        self.previousHash = previousHash
        self.hash = hash
    }
}
