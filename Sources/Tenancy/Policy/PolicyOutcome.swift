/// What a new policy put an end to.
public struct PolicyOutcome: Hashable, Sendable {
    /// How many open impersonations it does not allow.
    public let contextsEnded: Int
    /// How many requests it does not allow.
    public let requestsDenied: Int
}
