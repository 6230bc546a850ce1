import Tenancy
import Terminal

/// A company that is open: its context with the screens that stand in it, on the terminal or not.
///
/// Answers find it by the context that they come from, wherever it is; what it says of them stays with it until it is on
/// screen.
struct OpenCompany: Equatable, Sendable {
    /// The most companies that are open at once: each has a digit.
    static let most = 9

    /// Stays the same for as long as the company is open.
    let number: Int
    var context: ContextState
    /// The plain context that an impersonation was started from.
    var parked: ContextState?
    /// What happened in it, to be said when its own screen is on.
    var notice: Shell.Notice?
    /// Whether its screen has to be read before it is what the server has.
    var isStale = false

    var urlID: String { context.urlID }
    var isImpersonating: Bool { context.isImpersonating }

    /// Those of its contexts that are not over.
    var live: [ContextState] { [context, parked].compactMap { $0 }.filter { $0.ended == nil } }

    /// Puts a context into its place: at the same screen, parking what an impersonation interrupts.
    ///
    /// - Returns: what is to be left for it.
    mutating func put(_ new: ContextState, _ intent: ContextIntent) -> [Effect] {
        var new = new
        var left: [ContextState?] = []
        if context.id != new.id {
            new.standWhere(context)
            switch intent {
            case .impersonation where context.open.purpose == .impersonation: left = [context]
            case .impersonation where context.ended == nil:
                parked = context
                parked?.forgetReads()
            case .impersonation, .access:
                left = [context, parked]
                parked = nil
            }
        }
        if case .impersonation(let request) = intent { new.wish = request }
        context = new
        return left.compactMap { $0 }.filter { $0.ended == nil }.map { .inside($0.id, .leave) }
    }

    func holds(_ id: ContextID) -> Bool { context.id == id || parked?.id == id }

    /// That its context is over, in words for any other screen.
    static func ended(_ company: OpenCompany) -> DisplayText {
        let name = DisplayText(company.context.open.companyName).truncated(to: 32)
        return "\(String(company.number)) \(name): its \(company.context.kindWords) has ended."
    }
}
