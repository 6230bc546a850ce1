/// What recomputing an audit chain found.
public struct AuditVerdict: Hashable, Sendable {
    /// Whether every record is there, unchanged and in order.
    public let isIntact: Bool
    /// How many records were read.
    public let entries: Int64
    /// The number of the first bad record.
    public let firstBad: Int64?
    /// What is wrong with it.
    public let why: String?

    package init(isIntact: Bool, entries: Int64, firstBad: Int64?, why: String?) {
        self.isIntact = isIntact
        self.entries = entries
        self.firstBad = firstBad
        self.why = why
    }
}
