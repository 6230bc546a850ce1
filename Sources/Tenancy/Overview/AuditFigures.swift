/// What a company's audit trail recorded in the last days, in counts.
public struct AuditFigures: Hashable, Sendable {
    /// How many records have one thing in common.
    public struct Share: Hashable, Sendable {
        /// The kind of record, or who made it.
        public let name: String
        /// How many.
        public let records: Int

        package init(name: String, records: Int) {
            self.name = name
            self.records = records
        }
    }

    /// Records day by day, oldest first; always counted.
    public package(set) var days = Array(repeating: 0, count: Overview.days)
    /// By kind, the most frequent first.
    public package(set) var kinds: [Share] = []
    /// By actor, the busiest first.
    public package(set) var actors: [Share] = []
    /// Whether kinds and actors were counted; estimated from every so many-th record otherwise.
    public package(set) var isExact = true

    package init() {}
}
