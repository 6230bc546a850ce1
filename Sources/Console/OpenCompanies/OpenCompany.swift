import Tenancy
import Terminal

/// A company that is open while another screen is on: its context, and whatever its own screen holds.
struct OpenCompany: Equatable, Sendable {
    /// The most companies that are open at once: each has a digit.
    static let most = 9

    /// Stays the same for as long as the company is open.
    let number: Int
    var context: ContextState
    /// The plain context that an impersonation was started from.
    var parked: ContextState?
    /// What happened in it meanwhile, to be said when its own screen is back.
    var notice: ConsoleState.Notice?
    /// Whether its screen has to be read before it is what the server has.
    var isStale = false

    var urlID: String { context.urlID }
    var isImpersonating: Bool { context.isImpersonating }

    /// Those of its contexts that are not over.
    var live: [ContextState] { [context, parked].compactMap { $0 }.filter { $0.ended == nil } }

    func holds(_ id: ContextID) -> Bool { context.id == id || parked?.id == id }

    /// That its context is over, in words for any other screen.
    static func ended(_ company: OpenCompany) -> DisplayText {
        let name = DisplayText(company.context.open.companyName).truncated(to: 32)
        return "\(String(company.number)) \(name): its \(company.context.kindWords) has ended."
    }
}
