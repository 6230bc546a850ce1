import Tenancy
import Terminal

extension ConsoleState {
    // MARK: Opening

    /// Enters a company with a fresh token; the context on screen is left as soon as the new one is open.
    mutating func enter(_ urlID: String) -> [Effect] {
        guard opening == nil else { return [] }
        if let context, context.urlID == urlID, context.ended == nil, context.open.purpose != .impersonation {
            return closeScreens()
        }
        return open(.access(urlID: urlID))
    }

    mutating func open(_ intent: ContextIntent) -> [Effect] {
        guard opening == nil else { return [] }
        let id = nextContext()
        opening = Opening(id: id, intent: intent, since: now)
        return [.openContext(id, intent)]
    }

    /// Replaces the context by a fresh one for the same company, at the same place; never an impersonation's.
    mutating func renew() -> [Effect] {
        guard let context else { return [] }
        if context.ended == nil, context.open.purpose == .impersonation {
            say(
                "An impersonation is not renewed: end it (E) and give a reason for the next one (i).",
                .warning)
            return []
        }
        return open(.access(urlID: context.urlID))
    }

    // MARK: Impersonation

    mutating func impersonateHere() -> [Effect] {
        guard let context else { return [] }
        if context.open.purpose == .impersonation {
            say("You are impersonating already; end it (E) first. Impersonations do not nest.", .warning)
            return []
        }
        var user: String?
        switch context.path.last {
        case .user(let state): user = state.detail?.user.email
        case .journey:
            if case .user(let state) = context.path.first { user = state.detail?.user.email }
        case nil:
            if context.tab == .users { user = context.users.selected?.email }
        }
        return openImpersonationForm(urlID: context.urlID, companyName: context.open.companyName, user: user)
    }

    mutating func openImpersonationForm(urlID: String, companyName: String, user: String?) -> [Effect] {
        if let level = identity?.level, level == .viewer || level == .service {
            say("Level \(level.rawValue) may not impersonate; support and admin may.", .warning)
            return []
        }
        var form = ImpersonationForm(urlID: urlID, companyName: companyName, user: user, frame: frames)
        if let company = company(urlID) { form.take(company.policy) }
        overlays.append(.impersonation(form))
        return [.loadCompany(urlID)]
    }

    /// What is known of a company besides what is in it.
    func company(_ urlID: String) -> Company? {
        known[urlID] ?? companies.list.rows.first { $0.urlID == urlID }
    }

    /// `E`: ends the impersonation in the database and brings the screen back that it was started from.
    mutating func endImpersonation() -> [Effect] {
        guard let context, context.open.purpose == .impersonation else {
            say("No impersonation is open.", .warning)
            return []
        }
        closeTenantOverlays()
        say(
            "The impersonation of \(DisplayText(context.open.subject ?? context.open.companyName)) has ended."
        )
        return [.leave(context.id)] + returnFromImpersonation(context)
    }

    /// Shows the parked context again; with none, or a dead one, a fresh token opens the company as before.
    private mutating func returnFromImpersonation(_ ended: ContextState) -> [Effect] {
        if var before = parked, before.ended == nil {
            parked = nil
            before.isChanging = false
            context = before
            return reloadScreen()
        }
        parked = nil
        context?.wipe(why: "The impersonation has ended.", at: now)
        return open(.access(urlID: ended.urlID))
    }

    // MARK: Leaving

    /// Leaves the company; the list of companies comes back as it was.
    mutating func closeContextScreens() -> [Effect] {
        let closing = closeScreens()
        guard let current = context else { return closing }
        let left = [current, parked].compactMap { $0 }.filter { $0.ended == nil }
        lastCompany = current.urlID
        context = nil
        parked = nil
        closeTenantOverlays()
        companies.list.select(current.urlID, height: Layout(self).listRows)
        return closing + left.map { .leave($0.id) }
    }

    /// What the keys do once a context has ended: `⏎` asks for a fresh token, the rest goes away from it.
    mutating func performAfterEnd(_ command: Command) -> [Effect] {
        switch command {
        case .open, .freshToken: return renewAfterEnd()
        default: return []
        }
    }

    private mutating func renewAfterEnd() -> [Effect] {
        guard let ended = context else { return [] }
        if ended.open.purpose == .impersonation, let before = parked, before.ended == nil {
            parked = nil
            context = before
            return reloadScreen()
        }
        return open(.access(urlID: ended.urlID))
    }

    mutating func dismissEnded() -> [Effect] {
        if let ended = context, ended.open.purpose == .impersonation, let before = parked, before.ended == nil
        {
            parked = nil
            context = before
            return reloadScreen()
        }
        return closeContextScreens()
    }

    // MARK: Answers

    mutating func takeContext(_ action: Action) -> [Effect] {
        switch action {
        case .contextOpened(let id, let open, let intent):
            guard opening?.id == id else { return [.leave(id)] }
            opening = nil
            return show(ContextState(id: id, open: open, now: now), for: intent)
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
            guard context?.id == id, context?.ended == nil else { return [] }
            context?.isInterrupted = true
            context?.attempts += 1
            context?.users.pending = nil
            context?.journeys.pending = nil
            context?.overview.pending = nil
            context?.audit.pending = nil
            context?.audit.isWatched = false
            context?.isChanging = false
            context?.export = nil
            return [.resume(id, after: Backoff.delay(attempt: context?.attempts ?? 1))]
        case .contextResumed(let id, let open):
            guard context?.id == id, context?.ended == nil else { return [] }
            context?.open = open
            context?.endsAt = now + Milliseconds(max(0, open.secondsLeft) * 1000)
            context?.isInterrupted = false
            context?.attempts = 0
            say("The connection is back, in the same context.")
            return reloadScreen()
        case .contextEnded(let id, let error):
            if parked?.id == id { parked?.wipe(why: error.sentence, at: now) }
            guard context?.id == id else { return [] }
            context?.wipe(why: error.sentence, at: now)
            closeTenantOverlays()
            return [.leave(id)]
        default:
            return []
        }
    }

    private mutating func show(_ new: ContextState, for intent: ContextIntent) -> [Effect] {
        var effects = closeScreens()
        var new = new
        if let before = context {
            if before.urlID == new.urlID { new.standWhere(before) } else { lastCompany = before.urlID }
            switch intent {
            case .impersonation where before.urlID == new.urlID && before.ended == nil:
                parked = before
            case .impersonation, .access:
                effects += [before, parked].compactMap { $0 }.filter { $0.ended == nil }.map { .leave($0.id) }
                parked = nil
            }
        }
        if case .impersonation(let request) = intent {
            overlays.removeAll()
            if request.approval == wait?.request.id { wait = nil }
        }
        context = new
        if case .impersonation(let request) = intent, new.path.isEmpty, let user = request.user,
            context?.users.filter.isEmpty == true
        {
            context?.users.filter = TextField(user)
        }
        recents.removeAll { $0 == new.urlID }
        recents.insert(new.urlID, at: 0)
        effects += new.path.isEmpty ? loadTab() : loadPath()
        return effects + loadAudit(.newest)
    }

    /// Reads every screen that is stacked up, so that going back finds rows too.
    mutating func loadPath() -> [Effect] {
        switch context?.path.last {
        case .user: loadUser()
        case .journey: loadJourney()
        case nil: []
        }
    }
}
