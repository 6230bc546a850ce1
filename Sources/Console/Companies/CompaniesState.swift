import Tenancy

/// The list of companies.
struct CompaniesState: Equatable, Sendable {
    var list = ListState<Company>()
    var sort = Company.Sort.name
    var ascending = true
    /// How many match, by the search they were counted for.
    var count: Int?
    /// A company that was created here, to be selected as soon as the list has it.
    var created: String?
    var activity = CompanyActivity()
    /// The export of companies that runs.
    var export: ExportRun?

    var query: CompaniesQuery {
        CompaniesQuery(filter: list.meaning.text, sort: sort, ascending: ascending)
    }
}
