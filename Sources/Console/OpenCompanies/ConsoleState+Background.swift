import Tenancy
import Terminal

extension ConsoleState {
    /// Takes in what belongs to an open company that is not on screen; nil when it belongs to none.
    ///
    /// The company takes the screen's place for this one update, with nothing over it, and then goes back: so an answer
    /// finds exactly the lists it was read for, and nothing of it reaches the screen, not even a notice with a name in it.
    mutating func takeAside(_ action: Action) -> [Effect]? {
        guard let id = action.contextID, let place = others.firstIndex(where: { $0.holds(id) }) else {
            return nil
        }
        switch action {
        case .contextResumed(_, let open) where others[place].context.id == id:
            others[place].context.resume(open, at: now)
            others[place].isStale = true
            return []
        case .auditGrew(_, let entry) where others[place].context.id == id:
            // The trail is read when somebody looks at it.
            others[place].context.audit.newest = max(entry, others[place].context.audit.newest)
            return []
        default: break
        }
        let before = others[place]
        let front = Front(self)
        clearScreen()
        (context, parked, number) = (before.context, before.parked, before.number)
        let effects = react(to: action)
        var after = before
        after.context = context ?? before.context
        after.parked = parked
        after.notice = notice ?? before.notice
        restore(front)
        others[place] = after
        announce(action, before, after.context)
        return effects
    }

    /// What is on the screen and over it, while another company stands there for one update.
    private struct Front {
        let context, parked: ContextState?
        let number: Int
        let overlays: [Overlay]
        let notice: Notice?
        let contexts: ContextsState?
        let showsRequests: Bool
        let operators: OperatorsState?
        let controlTrail: ControlTrailState?
        let migrations: MigrationsState?
        let proof: ProofState?

        init(_ state: ConsoleState) {
            (context, parked, number) = (state.context, state.parked, state.number)
            (overlays, notice) = (state.overlays, state.notice)
            (contexts, showsRequests, operators) = (state.contexts, state.showsRequests, state.operators)
            (controlTrail, migrations, proof) = (state.controlTrail, state.migrations, state.proof)
        }
    }

    private mutating func clearScreen() {
        (overlays, notice) = ([], nil)
        (contexts, showsRequests, operators) = (nil, false, nil)
        (controlTrail, migrations, proof) = (nil, nil, nil)
    }

    private mutating func restore(_ front: Front) {
        (context, parked, number) = (front.context, front.parked, front.number)
        (overlays, notice) = (front.overlays, front.notice)
        (contexts, showsRequests, operators) = (front.contexts, front.showsRequests, front.operators)
        (controlTrail, migrations, proof) = (front.controlTrail, front.migrations, front.proof)
    }

    /// Says on another screen that something happened, by the company's name and nothing that is in it.
    private mutating func announce(_ action: Action, _ before: OpenCompany, _ after: ContextState) {
        let name: DisplayText =
            "\(String(before.number)) \(DisplayText(before.context.open.companyName).truncated(to: 32))"
        if before.context.ended == nil, after.ended != nil {
            say(OpenCompany.ended(before), .warning)
            return
        }
        switch action {
        case .changed(_, _, .success): say("\(name): the change is made.")
        case .changed(_, _, .failure(let error)) where error.isOutcomeUnknown:
            say("\(name): it is not known whether the change was made; look again.", .failure)
        case .changed(_, _, .failure): say("\(name): the change was not made.", .failure)
        case .exportEnded(_, _, .written): say("\(name): the export is written.")
        case .exportEnded: say("\(name): nothing was exported.", .warning)
        default: break
        }
    }

    /// Ends the contexts whose time is over, on screen and elsewhere: their rows are gone with this very update.
    mutating func endOverdueContexts() -> [Effect] {
        var over: [ContextID] = []
        if context?.endIfOverdue(at: now) == true {
            closeTenantOverlays(keepingExtension: true)
            over += [context?.id].compactMap { $0 }
        }
        if parked?.endIfOverdue(at: now) == true { over += [parked?.id].compactMap { $0 } }
        for place in others.indices {
            if others[place].context.endIfOverdue(at: now) {
                over.append(others[place].context.id)
                say(OpenCompany.ended(others[place]), .warning)
            }
            if others[place].parked?.endIfOverdue(at: now) == true {
                over += [others[place].parked?.id].compactMap { $0 }
            }
        }
        return over.isEmpty ? [] : over.map { .leave($0) } + [.sweep]
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
        users.pending = nil
        users.queued = nil
        journeys.pending = nil
        journeys.queued = nil
        overview.pending = nil
        audit.pending = nil
        audit.trail.pending = nil
        audit.trail.queued = nil
        path = path.map { place in
            switch place {
            case .user(var user):
                user.pending = nil
                return .user(user)
            case .journey(var journey):
                journey.pending = nil
                return .journey(journey)
            }
        }
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
