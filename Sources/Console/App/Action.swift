import Tenancy
import Terminal

/// What happened: a key, a clock, or an answer, by where it comes from.
enum Action: Sendable {
    case input(InputEvent)
    /// The next timer came due, or nothing but time passed.
    case clockTicked
    case control(ControlAnswer)
    /// From the connection of one context: it belongs to the company that holds it, on screen or not.
    case inside(ContextID, TenantAnswer)
    case terminal(TerminalAnswer)
}

/// What came of a request over the control connection.
enum ControlAnswer: Sendable {
    case linked(Identity)
    /// An attempt to connect failed.
    case linkFailed(TenancyError)
    /// A request found the control connection gone.
    case linkLost(TenancyError)
    /// For the screen on top that asked.
    case screen(any ScreenAnswer)
    /// For the companies, which are there whatever lies over them.
    case companies(CompaniesScreen.Answer)
    case companiesSuggested(RequestID, Result<Page<Company>, TenancyError>)
    case companyLoaded(Company)
    case activityLoaded(RequestID, String, Result<[Int], TenancyError>)
    case contextEndAnswered(String, Result<Bool, TenancyError>)
    /// A request was made, decided, claimed or closed; which one is to be read.
    case requestsChanged
    case requestsLoaded(RequestID, Result<[ApprovalRequest], TenancyError>)
    case requestLoaded(ApprovalRequest)
    /// The request that is waited for could not be read.
    case requestUnread
    case requestDecided(String, Result<Bool, TenancyError>)
    case administered(RequestID, AdminChange, Result<String, TenancyError>)
    case exportProgressed(RequestID, rows: Int)
    case exportEnded(RequestID, ExportEnd)
}

/// What came of a request over the connection of a context.
enum TenantAnswer: Sendable {
    case opened(OpenContext, ContextIntent)
    case refused(ContextIntent, TenancyError)
    /// An impersonation waits for a second operator.
    case pending(ContextIntent, ApprovalRequest)
    /// The session's connection is lost; the same token is being tried again.
    case interrupted
    /// The same token opened the context again after an interruption.
    case resumed(OpenContext)
    case ended(TenancyError)
    /// For the screen that asked, wherever it stands in the company.
    case screen(any TenantScreenAnswer)
    /// The trail has a record with this number.
    case auditGrew(Int64)
    case frequencyLoaded(RequestID, Result<ColumnFrequency, TenancyError>)
    case changed(String, Result<Bool, TenancyError>)
    case exportProgressed(RequestID, rows: Int)
    case exportEnded(RequestID, ExportEnd)
    case tokenShown(String)
}

/// What came of a request to the terminal.
enum TerminalAnswer: Sendable {
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
