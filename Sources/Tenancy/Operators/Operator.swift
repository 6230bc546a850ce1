public import FoundationEssentials

/// A person or service with a PostgreSQL login of its own, registered with a level.
public struct Operator: Hashable, Sendable, Identifiable {
    /// What an operator may do; each includes what the engine says for it, not the ones before.
    public enum Level: String, Sendable, CaseIterable {
        case viewer, support, admin, service
        /// Sees the engine's figures and sweeps; knows no company.
        case monitor

        /// Whether it may impersonate, and decide on the impersonations of others.
        package var mayImpersonate: Bool { self == .support || self == .admin }
    }

    /// The PostgreSQL login.
    public let login: String
    /// The level.
    public let level: Level
    /// When it was registered.
    public let addedAt: Date?
    /// What has become wrong with the login since, for instance that it is a superuser now.
    public let problem: String?
    /// Whether a service may hold contexts beside its tickets.
    public let hasSessions: Bool
    /// Whether a service may drain the outboxes of companies.
    public let drains: Bool

    /// The login.
    public var id: String { login }

    package init(
        login: String, level: Level, addedAt: Date?, problem: String? = nil, hasSessions: Bool = false,
        drains: Bool = false
    ) {
        self.login = login
        self.level = level
        self.addedAt = addedAt
        self.problem = problem
        self.hasSessions = hasSessions
        self.drains = drains
    }
}
