public import FoundationEssentials

/// Who a connection is, as the server sees it.
public struct Identity: Hashable, Sendable {
    /// The PostgreSQL login.
    public let operatorName: String
    /// The registered level.
    public let level: Operator.Level
    /// The server's clock.
    public let serverTime: Date
    /// The engine's version.
    public let engineVersion: String

    /// Whether it may seal the entries of trails.
    package var maySeal: Bool { [.support, .admin].contains(level) }

    package init(operatorName: String, level: Operator.Level, serverTime: Date, engineVersion: String) {
        self.operatorName = operatorName
        self.level = level
        self.serverTime = serverTime
        self.engineVersion = engineVersion
    }
}
