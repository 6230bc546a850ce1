import Tenancy
import Terminal

extension OpenCompany {
    /// Takes in what came from one of its contexts.
    ///
    /// An answer for a context that was left, or that ended, finds nothing here: that is isolation as well.
    ///
    /// - Parameter isOnScreen: whether somebody looks at it; else it is not read again before somebody does.
    mutating func take(
        _ answer: TenantAnswer, inside id: ContextID, isOnScreen: Bool, _ shell: inout Shell
    ) -> [Effect] {
        switch answer {
        case .interrupted: return interrupt(id)
        case .resumed(let open): return resume(id, open, isOnScreen: isOnScreen, &shell)
        case .ended(let error): return end(id, error, at: shell.now)
        case .changed(let said, let result): return takeChange(id, said, result, &shell)
        case .exportProgressed(let request, let rows):
            if accepts(id) { context.export?.note(rows, of: request) }
            return []
        case .exportEnded(let request, let end):
            if context.id == id, context.export?.request == request { context.export = nil }
            notice = end.notice
            return []
        // Those are about a context that is no company's yet, and about what lies over the screen.
        case .opened, .refused, .pending, .tokenShown: return []
        case .auditGrew(let entry):
            return accepts(id) ? grow(entry, isOnScreen: isOnScreen, &shell) : []
        case .screen(let answer):
            guard accepts(id) else { return [] }
            let effects = hand(answer, &shell)
            // Something was announced while the newest records were being read.
            guard context.audit.isBehind, context.audit.pending == nil, !context.audit.isPaused else {
                return effects
            }
            return effects + loadAudit(&shell)
        // It lies over the screen.
        case .frequencyLoaded: return []
        }
    }

    /// Whether rows of a context may be shown in it.
    func accepts(_ id: ContextID) -> Bool { context.id == id && context.ended == nil }

    /// An announcement is a hint: the trail is read for it when somebody looks, and one read at a time.
    private mutating func grow(_ entry: Int64, isOnScreen: Bool, _ shell: inout Shell) -> [Effect] {
        let audit = context.audit
        guard isOnScreen else {
            context.audit.newest = max(entry, audit.newest)
            return []
        }
        guard entry > audit.newest || audit.records.contains(where: { !$0.isSealed }) else { return [] }
        context.audit.newest = max(entry, audit.newest)
        return audit.isPaused ? [] : loadAudit(&shell)
    }

    // MARK: Changes

    private mutating func takeChange(
        _ id: ContextID, _ said: String, _ result: Result<Bool, TenancyError>, _ shell: inout Shell
    ) -> [Effect] {
        guard accepts(id) else {
            // Its end came first; what became of the change has still to be said.
            if case .failure(let error) = result, context.id == id { notice = .ofChange(error) }
            return []
        }
        context.isChanging = false
        switch result {
        case .success: say(DisplayText(said), .done)
        case .failure(let error) where error.code == .cancelled: notice = .ofRead(error)
        case .failure(let error): notice = .ofChange(error)
        }
        return reload(&shell)
    }

    // MARK: The connection

    /// The connection of a context is lost; the same token is tried again.
    private mutating func interrupt(_ id: ContextID) -> [Effect] {
        func again(_ attempts: Int) -> [Effect] {
            [.inside(id, .resume(after: Backoff.delay(attempt: attempts + 1)))]
        }
        if let waiting = parked, waiting.id == id, waiting.ended == nil {
            parked?.interrupt()
            return again(waiting.attempts)
        }
        guard accepts(id) else { return [] }
        let attempts = context.attempts
        context.interrupt()
        return again(attempts)
    }

    private mutating func resume(
        _ id: ContextID, _ open: OpenContext, isOnScreen: Bool, _ shell: inout Shell
    ) -> [Effect] {
        if parked?.id == id, parked?.ended == nil { parked?.resume(open, at: shell.now) }
        guard accepts(id) else { return [] }
        context.resume(open, at: shell.now)
        guard isOnScreen else {
            isStale = true
            return []
        }
        // What became of a change that was on its way is worth more.
        if shell.notice?.kind != .failure { say("The connection is back, in the same context.", .done) }
        return reload(&shell)
    }

    private mutating func end(_ id: ContextID, _ error: TenancyError, at now: Milliseconds) -> [Effect] {
        if parked?.id == id {
            parked?.wipe(why: error.sentence, at: now)
            return [.inside(id, .leave)]
        }
        guard context.id == id else { return [] }
        context.wipe(why: error.sentence, at: now)
        return [.inside(id, .leave)]
    }

    // MARK: What it says

    private mutating func say(_ text: DisplayText, _ kind: Shell.Notice.Kind) {
        notice = Shell.Notice(kind: kind, text: text)
    }
}
