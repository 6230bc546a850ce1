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
        case .control(.linked): self = .connected
        case .control(.linkFailed(let error)): self = .connectionFailed(sqlState: error.sqlState)
        case .control(.linkLost(let error)): self = .connectionLost(sqlState: error.sqlState)
        case .inside(_, .opened(let open, _)):
            self = .contextOpened(jti: open.jti, purpose: open.purpose.rawValue)
        case .inside(_, .refused(_, let error)):
            self = .contextRefused(refusal: error.refusalCode, sqlState: error.sqlState)
        case .inside(_, .interrupted): self = .contextInterrupted
        case .inside(_, .resumed(let open)): self = .contextResumed(jti: open.jti)
        case .inside(_, .ended(let error)): self = .contextEnded(sqlState: error.sqlState)
        case .input, .clockTicked, .control, .inside, .terminal: return nil
        }
    }
}
