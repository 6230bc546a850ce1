import Tenancy
import Terminal

extension ConsoleState {
    /// Takes in what came from a context: the company that holds it finds it there, on screen or not.
    mutating func take(_ answer: TenantAnswer, inside id: ContextID) -> [Effect] {
        if let effects = takeOpening(answer, id) { return effects }
        if let place = others.firstIndex(where: { $0.holds(id) }) {
            let before = others[place]
            // What its screens say is said when they are on.
            let said = shell.notice
            shell.notice = nil
            let effects = others[place].take(answer, inside: id, isOnScreen: false, &shell)
            if let own = shell.notice { others[place].notice = own }
            shell.notice = said
            announce(answer, before, others[place].context)
            return effects
        }
        guard let before = company, before.holds(id) else {
            // The company was left with its export; that it left no file is said without a word of it.
            if case .exportEnded(_, let end) = answer { say(end) }
            return []
        }
        if case .tokenShown(let token) = answer { showToken(id, token) }
        if case .frequencyLoaded(let request, let result) = answer, before.accepts(id) {
            takeCounted(request, result)
        }
        if case .interrupted = answer, before.accepts(id) { loseCounts() }
        let effects = company?.take(answer, inside: id, isOnScreen: true, &shell) ?? []
        if let said = company?.notice {
            shell.notice = said
            company?.notice = nil
        }
        if before.context.ended == nil, context?.ended != nil { closeTenantOverlays(keepingExtension: true) }
        return effects + takeWishes()
    }

    /// What was asked of a row before the rows were in, once they are.
    private mutating func takeWishes() -> [Effect] {
        guard top == nil, shell.overlays.isEmpty else { return [] }
        var wish: Command?
        onScreenOfCompany { wish = $0.grantWish() }
        guard let wish else { return [] }
        // The rows are in, and the first of them is selected only now.
        fitLists()
        return perform(wish)
    }

    /// Says on another screen that something happened, by the company's name and nothing that is in it.
    private mutating func announce(_ answer: TenantAnswer, _ before: OpenCompany, _ after: ContextState) {
        let name: DisplayText =
            "\(String(before.number)) \(DisplayText(before.context.open.companyName).truncated(to: 32))"
        if before.context.ended == nil, after.ended != nil {
            say(OpenCompany.ended(before), .warning)
            return
        }
        switch answer {
        case .changed(_, .success): say("\(name): the change is made.")
        case .changed(_, .failure(let error)) where error.isOutcomeUnknown:
            say("\(name): it is not known whether the change was made; look again.", .failure)
        case .changed(_, .failure): say("\(name): the change was not made.", .failure)
        case .exportEnded(_, .written): say("\(name): the export is written.")
        case .exportEnded: say("\(name): nothing was exported.", .warning)
        case .opened, .refused, .pending, .interrupted, .resumed, .ended, .screen, .auditGrew,
            .frequencyLoaded,
            .exportProgressed, .tokenShown:
            break
        }
    }

    /// Ends the contexts whose time is over, on screen and elsewhere: their rows are gone with this very update.
    mutating func endOverdueContexts() -> [Effect] {
        var over: [ContextID] = []
        if let ended = company?.endIfOverdue(at: shell.now), !ended.isEmpty {
            if context?.ended != nil, ended.contains(where: { $0 == context?.id }) {
                closeTenantOverlays(keepingExtension: true)
            }
            over += ended
        }
        for place in others.indices {
            let before = others[place]
            let ended = others[place].endIfOverdue(at: shell.now)
            if ended.contains(before.context.id) { say(OpenCompany.ended(before), .warning) }
            over += ended
        }
        return over.isEmpty ? [] : over.map { .inside($0, .leave) } + [.control(.sweep)]
    }
}

extension OpenCompany {
    /// Wipes those of its contexts whose time is over; gives the ones for which that was now.
    mutating func endIfOverdue(at now: Milliseconds) -> [ContextID] {
        var over: [ContextID] = []
        if context.endIfOverdue(at: now) { over.append(context.id) }
        if let parked, self.parked?.endIfOverdue(at: now) == true { over.append(parked.id) }
        return over
    }
}

extension ContextState {
    /// Wipes the context when its time is over; true when that was now.
    mutating func endIfOverdue(at now: Milliseconds) -> Bool {
        guard ended == nil, now >= endsAt else { return false }
        wipe(why: "Its time is over. PostgreSQL refuses it since then.", at: now)
        return true
    }

    var isImpersonating: Bool { ended == nil && open.purpose == .impersonation }

    /// What the context is called in a sentence.
    var kindWords: DisplayText { open.purpose == .impersonation ? "impersonation" : "context" }

    /// Waits for no answer any more: none will come, or none would be taken in.
    mutating func forgetReads() {
        onEveryScreen { $0.forgetReads() }
    }

    /// Notes that the connection is lost.
    mutating func interrupt() {
        isInterrupted = true
        attempts += 1
        forgetReads()
        audit.isWatched = false
        isChanging = false
        export = nil
    }

    /// Notes that the same token opened the context again.
    mutating func resume(_ open: OpenContext, at now: Milliseconds) {
        self.open = open
        endsAt = now + Milliseconds(max(0, open.secondsLeft) * 1000)
        isInterrupted = false
        attempts = 0
    }
}
