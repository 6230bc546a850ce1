public import FoundationEssentials

/// The record in the control trail that holds a report's digest.
public struct ProofRecord: Hashable, Sendable {
    /// Its number.
    public let seq: Int64
    /// Its hash.
    public let hash: String
    /// When it was written.
    public let at: Date
}
