/// Which rows of an ordered list to read.
public struct PageRequest<Anchor: Hashable & Sendable>: Hashable, Sendable {
    /// Where the page lies.
    public enum Place: Hashable, Sendable {
        /// The first rows.
        case start
        /// The last rows.
        case end
        /// The rows that follow the anchor.
        case after(Anchor)
        /// The rows that come before the anchor.
        case before(Anchor)
        /// The anchor's row, if it is still there, and those that follow.
        case from(Anchor)
    }

    /// Where the page lies.
    public var place: Place
    /// At most so many rows.
    public var limit: Int

    /// Asks for at most `limit` rows at `place`.
    public init(_ place: Place = .start, limit: Int = 50) {
        self.place = place
        self.limit = limit
    }
}

/// Rows in list order, whichever way they were read.
public struct Page<Row: Hashable & Sendable>: Hashable, Sendable {
    /// The rows, in the list's order.
    public let rows: [Row]
    /// Whether the list goes on in the direction that was read.
    public let hasMore: Bool

    package init(rows: [Row], hasMore: Bool) {
        self.rows = rows
        self.hasMore = hasMore
    }
}
