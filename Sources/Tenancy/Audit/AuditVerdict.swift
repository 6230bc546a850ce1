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

    /// How many entries have no place in the chain yet.
    public let unsealed: Int64
    /// The number of the record that the chain goes on from: of a trail the last one that was archived, of a part of one the last
    /// before it; 0 where it is whole.
    public let beginsAfter: Int64

    package init(
        isIntact: Bool, entries: Int64, firstBad: Int64?, why: String?, unsealed: Int64 = 0,
        beginsAfter: Int64 = 0
    ) {
        self.isIntact = isIntact
        self.entries = entries
        self.firstBad = firstBad
        self.why = why
        self.unsealed = unsealed
        self.beginsAfter = beginsAfter
    }
}
