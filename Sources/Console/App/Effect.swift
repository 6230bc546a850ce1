import Tenancy

/// What the state asks the world to do, by where it is done; the answer comes back as an action from there.
enum Effect: Equatable, Sendable {
    /// Over the control connection, which sees no company's rows.
    case control(ControlRequest)
    /// Over the connection of one context.
    case inside(ContextID, TenantRequest)
    case terminal(TerminalRequest)
}

/// What is asked over the control connection.
enum ControlRequest: Equatable, Sendable {
    case link(after: Milliseconds)
    /// Stops what runs, in PostgreSQL too.
    case cancel
    case loadCompanies(RequestID, CompaniesQuery, PageRequest<String>)
    case countCompanies(search: String)
    /// Has the server find a few companies for the palette.
    case suggestCompanies(RequestID, search: String)
    case loadCompany(String)
    /// How many audit records a company had on each of the last days.
    case loadActivity(RequestID, String)
    case loadContexts(RequestID, liveOnly: Bool)
    case endContexts([String], why: String)
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
    /// Has the engine end what is over, and the backends that still hold it.
    case sweep
    /// Over connections of the proof's own.
    case prove(RequestID, urlID: String)
    case cancelProof
    case export(RequestID, Export)
    case cancelExport(RequestID)
}

/// What is asked over the connection of one context.
enum TenantRequest: Equatable, Sendable {
    case open(ContextIntent)
    /// Enters again with the same token.
    case resume(after: Milliseconds)
    case leave
    /// Stops what runs, in PostgreSQL too.
    case cancel
    case loadUsers(RequestID, UsersQuery, PageRequest<Keyset>)
    case countUsers
    case loadJourneys(RequestID, JourneysQuery, PageRequest<Keyset>)
    case loadOverview(RequestID)
    case loadUser(RequestID, Int64)
    case loadJourney(RequestID, Int64)
    /// The newest records of the company's trail.
    case loadAudit(RequestID)
    case loadTrail(RequestID, filter: String, PageRequest<Int64>)
    /// What came from rows in one record.
    case loadValues(record: Int64)
    case watchAudit
    case loadTables(RequestID)
    case loadRows(RequestID, RowsQuery, PageRequest<RowPlace>)
    case loadRow(RequestID, TenantTable, RowAddress)
    /// How often the values of a column occur.
    case loadFrequency(RequestID, TenantTable, column: String, RowFilter)
    case setUserStatus(User.Status, user: Int64, said: String)
    case changeStep(JourneyStep, JourneyStep.Change, said: String)
    case setValue(ValueChange)
    case showToken
    case export(RequestID, Export)
    case cancelExport(RequestID)
}

/// What is asked of the terminal and of this machine.
enum TerminalRequest: Equatable, Sendable {
    case copy(String, what: String)
    case useTheme(String, keep: Bool)
    /// Remembers how lists are shown, for the next run.
    case keepTables(TablesKept)
    case redraw
    case suspend
    case quit
}
