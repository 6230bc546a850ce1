import Tenancy
import Terminal

extension ConsoleState {
    /// Does what was confirmed.
    mutating func carryOut(_ subject: ConfirmState.Subject, reason: String) -> [Effect] {
        switch subject {
        case .quit: return [.terminal(.quit)]
        case .closeCompany: return closeCompany()
        case .endContexts(let jtis): return [.control(.endContexts(jtis, why: reason))]
        case .decide(let id, let approve):
            return [.control(.decide(request: id, approve: approve, reason: reason))]
        case .withdraw(let id): return [.control(.withdraw(request: id))]
        case .administer(let change): return administer(change)
        case .setStatus(let status, let user, let said):
            guard let current = context, mayChange() else { return [] }
            context?.isChanging = true
            return [.inside(current.id, .setUserStatus(status, user: user, said: said))]
        case .changeStep(let step, let change, let said):
            guard let current = context, mayChange() else { return [] }
            context?.isChanging = true
            return [.inside(current.id, .changeStep(step, change, said: said))]
        case .setValue(let change):
            guard let current = context, mayChange() else { return [] }
            context?.isChanging = true
            return [.inside(current.id, .setValue(change))]
        }
    }
}
