import Tenancy
import Terminal

/// What happened: a key, a clock, an answer.
enum Action: Sendable {
    case input(InputEvent)
    /// The next timer came due, or nothing but time passed.
    case clockTicked

    case linked(Identity)
    /// An attempt to connect failed.
    case linkFailed(TenancyError)
    /// A request found the control connection gone.
    case linkLost(TenancyError)
    case companiesLoaded(RequestID, PageRequest<String>.Place, Result<Page<Company>, TenancyError>)
    case companiesCounted(search: String, Int)
    case companiesSuggested(RequestID, Result<Page<Company>, TenancyError>)

    case contextOpened(ContextID, OpenContext, ContextIntent)
    case contextRefused(ContextID, ContextIntent, TenancyError)
    /// The session's connection is lost; the same token is being tried again.
    case contextInterrupted(ContextID)
    /// The same token opened the context again after an interruption.
    case contextResumed(ContextID, OpenContext)
    case contextEnded(ContextID, TenancyError)

    case usersLoaded(ContextID, RequestID, PageRequest<Keyset>.Place, Result<Page<User>, TenancyError>)
    case usersCounted(ContextID, Count)
    case journeysLoaded(ContextID, RequestID, PageRequest<Keyset>.Place, Result<Page<Journey>, TenancyError>)
    case overviewLoaded(ContextID, RequestID, Result<Overview, TenancyError>)
    case userLoaded(ContextID, RequestID, Result<UserDetail?, TenancyError>)
    case journeyLoaded(ContextID, RequestID, Result<JourneyDetail?, TenancyError>)
    case auditLoaded(ContextID, RequestID, Result<[AuditRecord], TenancyError>)
    case trailLoaded(
        ContextID, RequestID, PageRequest<Int64>.Place, Result<Page<AuditRecord>, TenancyError>)
    case valuesLoaded(ContextID, Int64, Result<String?, TenancyError>)
    case auditGrew(ContextID, Int64)
    case auditUnwatched(ContextID)
    case changed(ContextID, String, Result<Bool, TenancyError>)

    case exportProgressed(ContextID?, RequestID, rows: Int)
    case exportEnded(ContextID?, RequestID, ExportEnd)

    case contextsLoaded(RequestID, Result<[ContextRecord], TenancyError>)
    case contextEndAnswered(String, Result<Bool, TenancyError>)
    /// A request was made, decided, claimed or closed; which one is to be read.
    case requestsChanged
    case requestsLoaded(RequestID, Result<[ApprovalRequest], TenancyError>)
    case requestLoaded(ApprovalRequest)
    /// The request that is waited for could not be read.
    case requestUnread
    case requestDecided(String, Result<Bool, TenancyError>)
    /// An impersonation waits for a second operator.
    case contextPending(ContextID, ContextIntent, ApprovalRequest)
    case companyLoaded(Company)
    case administered(RequestID, AdminChange, Result<String, TenancyError>)
    case operatorsLoaded(RequestID, Result<[Operator], TenancyError>)
    case controlTrailLoaded(RequestID, PageRequest<Int64>.Place, Result<Page<AuditRecord>, TenancyError>)
    case migrationsLoaded(
        RequestID, PageRequest<String>.Place, Result<Page<CompanyMigration>, TenancyError>)
    case fleetLoaded(RequestID, Result<[FleetShare], TenancyError>)
    /// How many audit records a company had on each of the last days.
    case activityLoaded(RequestID, String, Result<[Int], TenancyError>)
    case proofAdvanced(RequestID, Proof.Stage)
    case proofMade(RequestID, Result<ProofOutcome, TenancyError>)
    case tokenShown(ContextID, String)
    case copied(String)
    case copyFailed(String)
    case noticed(String)
}

/// Why a context is opened, and where its screen shall stand.
enum ContextIntent: Hashable, Sendable {
    case access(urlID: String)
    case impersonation(ImpersonationRequest)

    var urlID: String {
        switch self {
        case .access(let urlID): urlID
        case .impersonation(let request): request.urlID
        }
    }
}

/// What the impersonation form asks the engine for.
struct ImpersonationRequest: Hashable, Sendable {
    var urlID: String
    var reason: String
    var ticket: String?
    var user: String?
    /// Nil for what the engine takes by itself.
    var minutes: Int?
    /// The request that was approved, when there is one: then it is claimed and not asked for.
    var approval: String?
}
