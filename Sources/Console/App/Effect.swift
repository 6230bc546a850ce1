import Tenancy

/// What the state asks the world to do; the answer comes back as an action.
enum Effect: Equatable, Sendable {
    // The control connection.
    case link(after: Milliseconds)
    case loadCompanies(RequestID, CompaniesQuery, PageRequest<String>)
    case countCompanies(search: String)
    /// Has the server find a few companies for the palette.
    case suggestCompanies(RequestID, search: String)
    case openContext(ContextID, ContextIntent)
    case loadContexts(RequestID, liveOnly: Bool)
    case endContext(jti: String, why: String)
    case loadCompany(String)
    /// Has every change of a request posted.
    case watchRequests
    case loadRequests(RequestID)
    case loadRequest(String)
    case decide(request: String, approve: Bool, reason: String)
    case withdraw(request: String)
    case administer(RequestID, AdminChange)
    case loadOperators(RequestID)
    case loadControlTrail(RequestID, filter: String, PageRequest<Int64>)
    case loadMigrations(RequestID, CompanyMigration.State?, filter: String, PageRequest<String>)
    case loadFleet(RequestID)
    case loadActivity(RequestID, String)
    case cancelControl
    /// Has the engine end what is over, and the backends that still hold it.
    case sweep

    // Connections of a proof's own.
    case prove(RequestID, urlID: String)
    case cancelProof

    // A context's own connection.
    case resume(ContextID, after: Milliseconds)
    case leave(ContextID)
    case loadUsers(ContextID, RequestID, UsersQuery, PageRequest<Keyset>)
    case countUsers(ContextID)
    case loadJourneys(ContextID, RequestID, JourneysQuery, PageRequest<Keyset>)
    case loadOverview(ContextID, RequestID)
    case loadUser(ContextID, RequestID, Int64)
    case loadJourney(ContextID, RequestID, Int64)
    /// The newest records of the company's trail.
    case loadAudit(ContextID, RequestID)
    case loadTrail(ContextID, RequestID, filter: String, PageRequest<Int64>)
    /// What came from rows in one record.
    case loadValues(ContextID, record: Int64)
    case watchAudit(ContextID)
    case setUserStatus(ContextID, User.Status, user: Int64, said: String)
    case changeStep(ContextID, JourneyStep, JourneyStep.Change, said: String)
    case showToken(ContextID)
    case cancel(ContextID)
    /// Without a context, over the control connection: companies.
    case export(ContextID?, RequestID, Export)
    case cancelExport(ContextID?, RequestID)

    // The terminal.
    case copy(String, what: String)
    case useTheme(String, keep: Bool)
    /// Remembers how lists are shown, for the next run.
    case keepTables(TablesKept)
    case redraw
    case suspend
    case quit
}

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
