import Tenancy

/// What the list of companies shows.
struct CompaniesQuery: Hashable, Sendable {
    var filter: String
    var sort: Company.Sort
    var ascending: Bool
}

/// What a list of users shows.
struct UsersQuery: Hashable, Sendable {
    var filter: String
    var sort: User.Sort
    var ascending: Bool
}

/// What a list of journeys shows.
struct JourneysQuery: Hashable, Sendable {
    var filter: String
    var sort: Journey.Sort
    var ascending: Bool
}

/// Which rows of a table a list shows, and in which order.
struct RowsQuery: Hashable, Sendable {
    var table: TenantTable
    var filter = RowFilter.all
    /// The column that orders them; nil for the key's order.
    var sort: String?
    var ascending = true
}

/// Which row of a table is meant.
enum RowAddress: Hashable, Sendable {
    case key([String])
    /// The row that a foreign key names.
    case named(RowFilter)
    /// In a table without a key, the row at a place of an order.
    case place(RowPlace, RowsQuery)
}
