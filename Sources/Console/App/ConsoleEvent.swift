import Tenancy

/// What a log may know of a run: codes and ids, nothing that a tenant or an operator wrote.
package enum ConsoleEvent: Sendable {
    case connected
    case connectionFailed(sqlState: String?)
    case connectionLost(sqlState: String?)
    case contextOpened(jti: String, purpose: String)
    case contextRefused(refusal: String?, sqlState: String?)
    case contextInterrupted
    case contextResumed(jti: String)
    case contextEnded(sqlState: String?)

    /// The event that an action is; nil for all that is nobody's business.
    init?(_ action: Action) {
        switch action {
        case .linked: self = .connected
        case .linkFailed(let error): self = .connectionFailed(sqlState: error.sqlState)
        case .linkLost(let error): self = .connectionLost(sqlState: error.sqlState)
        case .contextOpened(_, let open, _):
            self = .contextOpened(jti: open.jti, purpose: open.purpose.rawValue)
        case .contextRefused(_, _, let error):
            self = .contextRefused(refusal: error.refusalCode, sqlState: error.sqlState)
        case .contextInterrupted: self = .contextInterrupted
        case .contextResumed(_, let open): self = .contextResumed(jti: open.jti)
        case .contextEnded(_, let error): self = .contextEnded(sqlState: error.sqlState)
        default: return nil
        }
    }
}
