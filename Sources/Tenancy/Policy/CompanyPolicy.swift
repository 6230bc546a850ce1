/// What a company allows its operators; PostgreSQL holds to it, whatever the client thinks.
public struct CompanyPolicy: Hashable, Sendable {
    /// Whether it may be impersonated.
    public enum Impersonation: String, CaseIterable, Sendable {
        case allowed, denied
        /// Only once a second operator has approved the request.
        case approval
    }

    /// Whether it may be impersonated.
    public var impersonation = Impersonation.allowed
    /// The longest impersonation, in minutes.
    public var maxMinutes = 30
    /// Whether an impersonation needs a ticket.
    public var ticketRequired = false
    /// What a whole ticket must match, as a regular expression of PostgreSQL's kind; nil for anything.
    public var ticketPattern: String?
    /// What an impersonation may do.
    public var rights = OpenContext.Access.readWrite

    package init(
        impersonation: Impersonation = .allowed, maxMinutes: Int = 30, ticketRequired: Bool = false,
        ticketPattern: String? = nil, rights: OpenContext.Access = .readWrite
    ) {
        self.impersonation = impersonation
        self.maxMinutes = maxMinutes
        self.ticketRequired = ticketRequired
        self.ticketPattern = ticketPattern
        self.rights = rights
    }
}
