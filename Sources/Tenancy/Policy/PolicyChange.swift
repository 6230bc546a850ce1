/// What shall change in a company's policy; nil leaves a part as it is.
public struct PolicyChange: Hashable, Sendable {
    /// Whether the company may be impersonated.
    public var impersonation: CompanyPolicy.Impersonation?
    /// The longest impersonation, from 1 to 30 minutes.
    public var maxMinutes: Int?
    /// Whether an impersonation needs a ticket.
    public var ticketRequired: Bool?
    /// What a whole ticket must match; empty for anything.
    public var ticketPattern: String?
    /// What an impersonation may do.
    public var rights: OpenContext.Access?

    /// Whether nothing shall change.
    public var isEmpty: Bool { self == PolicyChange() }

    /// What shall change.
    public init(
        impersonation: CompanyPolicy.Impersonation? = nil, maxMinutes: Int? = nil,
        ticketRequired: Bool? = nil, ticketPattern: String? = nil, rights: OpenContext.Access? = nil
    ) {
        self.impersonation = impersonation
        self.maxMinutes = maxMinutes
        self.ticketRequired = ticketRequired
        self.ticketPattern = ticketPattern
        self.rights = rights
    }
}
