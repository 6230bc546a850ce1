/// Where a row stands in an order: the sort column's value as the server writes it, and the row's id.
public struct Keyset: Hashable, Sendable {
    /// The sort column's value in PostgreSQL's text form.
    public let key: String
    /// The row's id, which breaks ties.
    public let id: Int64

    /// Makes a keyset from the parts of a row.
    public init(key: String, id: Int64) {
        self.key = key
        self.id = id
    }
}
