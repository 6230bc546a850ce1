import Tenancy

/// The list of companies.
struct CompaniesState: Equatable, Sendable {
    var list = ListState<Company>()
    /// How many match, by the search they were counted for.
    var count: Int?
}
