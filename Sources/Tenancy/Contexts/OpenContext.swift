public import FoundationEssentials

/// The context that a session is in, as the server reported it when it was entered.
public struct OpenContext: Hashable, Sendable {
    /// Why the context exists.
    public enum Purpose: String, Sendable { case access, impersonation, service }

    /// What may be done in it.
    public enum Access: String, Sendable {
        case read
        case readWrite = "read+write"
    }

    /// The token's id.
    public let jti: String
    /// The company's short name.
    public let urlID: String
    /// The company's display name.
    public let companyName: String
    /// The login that holds the context.
    public let operatorName: String
    /// Plain access, impersonation or a service's.
    public let purpose: Purpose
    /// Read only, or read and write.
    public let access: Access
    /// Whom the operator acts as: a user's email, or the company; nil outside an impersonation.
    public let subject: String?
    /// The end, by the server's clock.
    public let expiresAt: Date
    /// The server's clock when it answered; the difference to `expiresAt` is what was left then.
    public let serverTime: Date

    /// Whether the company was adopted: then its tables are its application's, and no blueprint's.
    public let isAdopted: Bool
    /// The tables of an adopted company, where its map says which play its users and journeys.
    package private(set) var played: PlayedTables?

    /// Seconds that were left when the server answered.
    public var secondsLeft: Double { expiresAt.timeIntervalSince(serverTime) }

    package init(
        jti: String, urlID: String, companyName: String, operatorName: String, purpose: Purpose,
        access: Access,
        subject: String?, expiresAt: Date, serverTime: Date, isAdopted: Bool = false,
        played: PlayedTables? = nil
    ) {
        self.jti = jti
        self.urlID = urlID
        self.companyName = companyName
        self.operatorName = operatorName
        self.purpose = purpose
        self.access = access
        self.subject = subject
        self.expiresAt = expiresAt
        self.serverTime = serverTime
        self.isAdopted = isAdopted
        self.played = played
    }

    /// The same context, with the tables that play its users and journeys.
    func playing(_ played: PlayedTables?) -> OpenContext {
        var context = self
        context.played = played
        return context
    }
}
