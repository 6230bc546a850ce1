import Tenancy
import Terminal

extension ConsoleState {
    // MARK: Opening

    /// Goes to a company that is open, and enters any other with a fresh token.
    mutating func enter(_ urlID: String) -> [Effect] {
        if let open = openCompany(urlID), open.context.ended == nil { return goTo(number: open.number) }
        return open(.access(urlID: urlID))
    }

    mutating func open(_ intent: ContextIntent) -> [Effect] {
        guard opening == nil, hasRoom(for: intent.urlID) else { return [] }
        let id = nextContext()
        opening = Opening(id: id, intent: intent, askedIn: context?.id, since: shell.now)
        return [.inside(id, .open(intent))]
    }

    /// Replaces the context by a fresh one for the same company, at the same place; never an impersonation's.
    mutating func renew() -> [Effect] {
        guard let context else { return [] }
        if context.isImpersonating {
            say(
                "An impersonation goes on with a reason of its own: \(shell.keys.label(of: .extendImpersonation)) asks for it.",
                .warning)
            return []
        }
        return open(.access(urlID: context.urlID))
    }

    /// What is known of a company besides what is in it.
    func company(_ urlID: String) -> Company? {
        shell.known[urlID] ?? companies.list.rows.first { $0.urlID == urlID }
    }

    // MARK: After the end

    /// What the keys do once a context has ended: `⏎` asks for a fresh token, the rest goes away from it.
    mutating func performAfterEnd(_ command: Command) -> [Effect] {
        switch EndedView.Own(rawValue: command.rawValue) {
        case .open, .freshToken: return renewAfterEnd()
        case .extendImpersonation: return extendImpersonation()
        case nil:
            shell.sayNothingDone(by: command)
            return []
        }
    }

    private mutating func renewAfterEnd() -> [Effect] {
        guard let ended = context else { return [] }
        if ended.open.purpose == .impersonation, let effects = takeUpParked() { return effects }
        return open(.access(urlID: ended.urlID))
    }

    mutating func dismissEnded() -> [Effect] {
        if context?.open.purpose == .impersonation, let effects = takeUpParked() { return effects }
        return closeCompany()
    }

    // MARK: Answers

    /// What came of asking for a context; nil for anything else.
    mutating func takeOpening(_ answer: TenantAnswer, _ id: ContextID) -> [Effect]? {
        switch answer {
        case .opened(let open, let intent):
            guard let asked = opening, asked.id == id else { return [.inside(id, .leave)] }
            opening = nil
            if isReadOnly, open.access == .readWrite {
                shell.overlays.removeAll()
                return [.inside(id, .leave)] + refuseChange()
            }
            var new = ContextState(id: id, open: open, now: shell.now)
            new.onEveryScreen { [tables = shell.lists.tables] in $0.show(tables) }
            // Whoever went on meanwhile is not pulled away; keys typed there must not reach another company.
            let isAwaited = asked.askedIn == context?.id || context?.urlID == new.urlID
            return isAwaited ? show(new, for: intent) : openAside(new, for: intent)
        case .refused(_, let error):
            guard opening?.id == id else { return [] }
            opening = nil
            if case .impersonation(var form) = shell.overlays.last {
                form.isAsking = false
                form.complaint = DisplayText(error.sentence)
                shell.overlays[shell.overlays.count - 1] = .impersonation(form)
            } else {
                say(error)
            }
            return []
        case .pending(let intent, let request):
            guard opening?.id == id, case .impersonation(let wish) = intent else { return [] }
            opening = nil
            if case .impersonation = shell.overlays.last { shell.overlays.removeLast() }
            return waitForDecision(on: request, wish)
        case .interrupted, .resumed, .ended, .screen, .auditGrew, .frequencyLoaded, .changed,
            .exportProgressed, .exportEnded, .tokenShown:
            return nil
        }
    }
}
