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
        opening = Opening(id: id, intent: intent, askedIn: context?.id, since: now)
        return [.openContext(id, intent)]
    }

    /// Replaces the context by a fresh one for the same company, at the same place; never an impersonation's.
    mutating func renew() -> [Effect] {
        guard let context else { return [] }
        if context.isImpersonating {
            say(
                "An impersonation goes on with a reason of its own: \(keys.label(of: .extendImpersonation)) asks for it.",
                .warning)
            return []
        }
        return open(.access(urlID: context.urlID))
    }

    /// What is known of a company besides what is in it.
    func company(_ urlID: String) -> Company? {
        known[urlID] ?? companies.list.rows.first { $0.urlID == urlID }
    }

    // MARK: After the end

    /// What the keys do once a context has ended: `⏎` asks for a fresh token, the rest goes away from it.
    mutating func performAfterEnd(_ command: Command) -> [Effect] {
        switch command {
        case .open, .freshToken: return renewAfterEnd()
        case .extendImpersonation: return extendImpersonation()
        default: return []
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

    mutating func takeContext(_ action: Action) -> [Effect] {
        switch action {
        case .contextOpened(let id, let open, let intent):
            guard let asked = opening, asked.id == id else { return [.leave(id)] }
            opening = nil
            if isReadOnly, open.access == .readWrite {
                overlays.removeAll()
                return [.leave(id)] + refuseChange()
            }
            var new = ContextState(id: id, open: open, now: now)
            new.order(by: tables)
            // Whoever went on meanwhile is not pulled away; keys typed there must not reach another company.
            let isAwaited = asked.askedIn == context?.id || context?.urlID == new.urlID
            return isAwaited ? show(new, for: intent) : openAside(new, for: intent)
        case .contextRefused(let id, _, let error):
            guard opening?.id == id else { return [] }
            opening = nil
            if case .impersonation(var form) = overlays.last {
                form.isAsking = false
                form.complaint = DisplayText(error.sentence)
                overlays[overlays.count - 1] = .impersonation(form)
            } else {
                say(error)
            }
            return []
        case .contextInterrupted(let id):
            if let waiting = parked, waiting.id == id, waiting.ended == nil {
                parked?.interrupt()
                return [.resume(id, after: Backoff.delay(attempt: waiting.attempts + 1))]
            }
            guard let current = context, current.id == id, current.ended == nil else { return [] }
            context?.interrupt()
            return [.resume(id, after: Backoff.delay(attempt: current.attempts + 1))]
        case .contextResumed(let id, let open):
            if parked?.id == id, parked?.ended == nil { parked?.resume(open, at: now) }
            guard context?.id == id, context?.ended == nil else { return [] }
            context?.resume(open, at: now)
            // What became of a change that was on its way is worth more.
            if notice?.kind != .failure { say("The connection is back, in the same context.") }
            return reloadScreen()
        case .contextEnded(let id, let error):
            if parked?.id == id {
                parked?.wipe(why: error.sentence, at: now)
                return [.leave(id)]
            }
            guard context?.id == id else { return [] }
            context?.wipe(why: error.sentence, at: now)
            closeTenantOverlays(keepingExtension: true)
            return [.leave(id)]
        default:
            return []
        }
    }

    /// Reads the screen on top of the path; those below are read when somebody goes back to them.
    mutating func loadPath() -> [Effect] {
        switch context?.path.last {
        case .user: loadUser()
        case .journey: loadJourney()
        case nil: []
        }
    }
}
