public import FoundationEssentials

/// What the server says of itself and of the connection to it, to any login.
public struct ServerFacts: Hashable, Sendable {
    /// For instance 150018 for 15.18.
    public let versionNumber: Int
    /// The connection's protocol and cipher; nil on a plain connection.
    public let encryption: String?
    /// The server's clock.
    public let time: Date
    /// Whether it only follows another server.
    public let isInRecovery: Bool
    /// Whether what is committed survives a crash: the settings that say otherwise, as `name = value`.
    public let carelessSettings: [String]
    /// Who owns the engine's schema where that is not the engine's own role: a dump was restored without the cluster's roles.
    public let strangeOwner: String?

    /// The version as people write it, for instance 15.18.
    public var version: String { ProofFacts.version(versionNumber) }
}
