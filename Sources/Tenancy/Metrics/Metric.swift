/// One figure of the engine; no name of a company, a user or an operator is in it.
public struct Metric: Hashable, Sendable {
    /// What it counts, for instance `contexts_live`.
    public let name: String
    /// Of which kind, where there are several, for instance `impersonation`.
    public let label: String?
    /// A number, or seconds for an age.
    public let value: Double
}
