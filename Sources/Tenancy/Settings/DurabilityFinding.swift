/// One thing that decides whether a record outlives what its rows were read from.
public struct DurabilityFinding: Hashable, Sendable {
    /// How it is.
    public enum State: String, Hashable, Sendable {
        case good, warning, problem
    }

    /// What was looked at, in a word or two.
    public let subject: String
    /// Whether it is as it should be.
    public let state: State
    /// How it is, in words.
    public let words: String
    /// What would mend it; nil when nothing has to be.
    public let mend: String?
}
