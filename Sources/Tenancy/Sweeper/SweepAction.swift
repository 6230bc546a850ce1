/// One thing that a sweep had to do.
public struct SweepAction: Hashable, Sendable {
    /// In one word: `expired`, `ended`, `detached`, `lapsed`, `incident`, `revoked`, `reset`, `blocker`,
    /// `overdue`, `postponed`, `grown`, `forgotten` or `purged`.
    public let kind: String
    /// The context it concerns.
    public let jti: String?
    /// The company it concerns.
    public let urlID: String?
    /// The login it concerns.
    public let operatorName: String?
    /// More about it.
    public let detail: String?

    /// Whether it is something that no function of the engine leads to, and somebody should look into.
    public var isIncident: Bool { kind == "incident" }
}
