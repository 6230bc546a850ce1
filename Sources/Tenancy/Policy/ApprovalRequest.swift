public import FoundationEssentials

/// An impersonation that a second operator must approve, from the question to its end.
public struct ApprovalRequest: Hashable, Sendable, Identifiable {
    /// Where a request stands.
    public enum State: String, Sendable {
        /// Nobody has decided yet.
        case pending
        /// May be claimed by whoever asked.
        case approved
        case denied
        /// Has become a token.
        case claimed
        /// Whoever asked took it back.
        case withdrawn
        /// Nobody decided, or nobody claimed it, in time.
        case expired

        /// Whether something can still come of it.
        public var isOpen: Bool { self == .pending || self == .approved }
    }

    /// The request's id: opaque, and no secret.
    public let id: String
    /// The company's short name.
    public let urlID: String
    /// The company's display name.
    public let companyName: String
    /// The login that asks.
    public let operatorName: String
    /// Whom it wants to act as; nil for the company itself.
    public let user: String?
    /// Why.
    public let reason: String
    /// The ticket.
    public let ticket: String?
    /// How long the impersonation shall be, counted from when it is claimed.
    public let minutes: Int
    /// Where it stands.
    public let state: State
    /// When it was made.
    public let askedAt: Date
    /// Until when it can be decided or, once approved, claimed.
    public let expiresAt: Date
    /// When it was decided.
    public let decidedAt: Date?
    /// Who decided.
    public let decidedBy: String?
    /// Why it was decided so.
    public let decision: String?
    /// Whether this login may decide about it now.
    public let mayDecide: Bool
    /// The server's clock when it answered.
    public let serverTime: Date

    /// Seconds that were left when the server answered.
    public var secondsLeft: Double { expiresAt.timeIntervalSince(serverTime) }

    /// What the engine said in place of a token.
    package var refusal: TenancyError {
        TenancyError(.refused, "approval_required: a second operator must approve this; request \(id) waits")
    }

    package init(
        id: String, urlID: String, companyName: String, operatorName: String, user: String?, reason: String,
        ticket: String?, minutes: Int, state: State, askedAt: Date, expiresAt: Date, decidedAt: Date? = nil,
        decidedBy: String? = nil, decision: String? = nil, mayDecide: Bool, serverTime: Date
    ) {
        self.id = id
        self.urlID = urlID
        self.companyName = companyName
        self.operatorName = operatorName
        self.user = user
        self.reason = reason
        self.ticket = ticket
        self.minutes = minutes
        self.state = state
        self.askedAt = askedAt
        self.expiresAt = expiresAt
        self.decidedAt = decidedAt
        self.decidedBy = decidedBy
        self.decision = decision
        self.mayDecide = mayDecide
        self.serverTime = serverTime
    }
}
