import Tenancy
import Terminal

extension ConsoleState {
    private static let refusal: DisplayText = "This console is read-only; nothing was changed."

    /// Whether a command is out of the question here, because it would change something.
    func forbids(_ command: Command) -> Bool {
        guard isReadOnly, command.changes else { return false }
        return command != .impersonate || !mayImpersonateHere
    }

    /// Whether the policy of the company that is meant lets impersonations read only.
    private var mayImpersonateHere: Bool {
        guard let urlID = context?.urlID ?? companies.list.selected?.urlID else { return false }
        return mayImpersonateReading(urlID)
    }

    func mayImpersonateReading(_ urlID: String) -> Bool { company(urlID)?.policy.rights == .read }

    /// The effects that a read-only console lets out: none that changes anything, whatever asked for it.
    mutating func withoutChanges(_ effects: [Effect]) -> [Effect] {
        guard isReadOnly, effects.contains(where: \.changes) else { return effects }
        context?.isChanging = false
        say(Self.refusal, .warning)
        return effects.filter { !$0.changes }
    }

    /// Says that a read-only console does not do this.
    mutating func refuseChange() -> [Effect] {
        say(Self.refusal, .warning)
        return []
    }
}
