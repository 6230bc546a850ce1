import Tenancy
import Terminal

extension ConsoleState {
    /// Takes in what happened at `now`; gives what is to be done about it.
    mutating func update(_ action: Action, at now: Milliseconds) -> [Effect] {
        self.now = max(self.now, now)
        lockWhenIdle()
        let expiry = endOverdueContexts() + endVisit()
        var effects = takeAside(action) ?? react(to: action)
        effects += playTour()
        noteVisit()
        effects = withinVisit(
            withoutChanges(expiry + effects + noteRest() + followMigrations() + askWhatWasTyped()))
        fitLists()
        return effects
    }

    /// A frame was drawn: what is on it can now be confirmed.
    ///
    /// That is no action, and time stands still in it: nobody would take what it asks for.
    mutating func notePresented() { frames += 1 }

    /// The first effects of a run.
    mutating func start() -> [Effect] {
        [.link(after: 0)] + loadCompanies(.start)
    }

    mutating func react(to action: Action) -> [Effect] {
        switch action {
        case .input(let event): return take(event)
        case .clockTicked: return []
        case .linked, .linkFailed, .linkLost, .companiesLoaded, .companiesCounted:
            return takeControl(action)
        case .contextOpened, .contextRefused, .contextInterrupted, .contextResumed, .contextEnded:
            return takeContext(action)
        case .usersLoaded, .usersCounted, .journeysLoaded, .overviewLoaded, .userLoaded, .journeyLoaded,
            .auditLoaded, .trailLoaded, .valuesLoaded,
            .auditGrew, .auditUnwatched, .changed:
            return takeRows(action)
        case .contextsLoaded, .contextEndAnswered:
            return takeContexts(action)
        case .requestsChanged, .requestsLoaded, .requestDecided, .requestLoaded, .requestUnread,
            .contextPending,
            .companyLoaded:
            return takeRequests(action)
        case .administered(let request, let change, let result):
            return takeAdministered(request, change, result)
        case .operatorsLoaded(let request, let result):
            takeOperators(request, result)
            return []
        case .controlTrailLoaded(let request, let place, let result):
            return takeControlTrail(request, place, result)
        case .migrationsLoaded, .fleetLoaded: return takeMigrations(action)
        case .activityLoaded(let request, let urlID, let result):
            takeActivity(request, urlID, result)
            return []
        case .proofAdvanced, .proofMade:
            takeProof(action)
            return []
        case .companiesSuggested(let request, let result): return takeSuggestions(request, result)
        case .exportProgressed, .exportEnded: return takeExport(action)
        case .tokenShown(let id, let token):
            showToken(id, token)
            return []
        case .copied(let said):
            say(DisplayText(said))
            return []
        case .copyFailed(let said):
            say(DisplayText(said), .failure)
            return []
        case .noticed(let said):
            say(DisplayText(said), .warning)
            return []
        }
    }

    // MARK: Input

    private mutating func take(_ event: InputEvent) -> [Effect] {
        switch event {
        case .resize(let size):
            self.size = size
            return []
        case .hangup: return [.quit]
        case .paste(let text): return touch() || takesOverTour() ? [] : takePaste(text)
        case .mouse(let mouse): return touch() || takesOverTour() ? [] : takeMouse(mouse)
        case .key(let key): return touch() || takesOverTour() ? [] : press(key)
        }
    }

    /// What a key does, whoever presses it.
    mutating func press(_ key: Key) -> [Effect] {
        if let typed = key.typedAfterEscape, !takesAlt(key) {
            // In a line of text it is a key of the terminal's that the line does not know: nothing typed is lost by it.
            return isTyping ? [] : press(.escape) + press(typed)
        }
        guard Layout.hasRoom(size) else {
            // Where a question cannot be read, nothing that it would ask about ends.
            let quits = key == .control("c") || key == .character("q")
            return quits && openCompanies.allSatisfy(\.live.isEmpty) ? [.quit] : []
        }
        notice = nil
        forgetWishes()
        if key == .control("c") { return interrupt() }
        if !overlays.isEmpty { return takeOverlay(key == .control("g") ? .escape : key) }
        if let effects = takeFilter(key) { return effects }
        guard let command = keys.command(for: key, in: scope) else { return [] }
        if command == .openCompany, let number = key.digit { return goTo(number: number) }
        return perform(command)
    }

    private mutating func forgetWishes() {
        companies.list.forgetWish()
        context?.users.forgetWish()
        context?.journeys.forgetWish()
    }

    /// `^C`: what is running is cancelled; with nothing running it asks whether to quit.
    private mutating func interrupt() -> [Effect] {
        if let effects = cancelRunning() { return effects }
        overlays = []
        return askToQuit()
    }

    mutating func askToQuit() -> [Effect] {
        let open = openCompanies.filter { !$0.live.isEmpty }
        guard let first = open.first?.context.open.companyName else { return [.quit] }
        overlays.append(
            .confirm(
                ConfirmState(
                    subject: .quit, question: "Quit Piste?",
                    detail: [
                        open.count == 1
                            ? "The context for \(DisplayText(first)) ends with it."
                            : "The contexts for \(String(open.count)) companies end with it."
                    ],
                    reason: nil,
                    askedAtFrame: frames)))
        return []
    }

    // MARK: Commands

    /// Does what a key or the palette asks for.
    mutating func perform(_ command: Command) -> [Effect] {
        guard permits(command) else {
            if isBeyondVisit(command) {
                say("This demo writes no files and starts no programs.", .warning)
                return []
            }
            if forbids(command) { return refuseChange() }
            say("This is for admins.", .warning)
            return []
        }
        switch command {
        case .help:
            overlays.append(.help(top: 0))
            return []
        case .palette:
            overlays.append(.palette(PaletteState()))
            return []
        case .themes:
            let selected = themes.firstIndex(of: theme) ?? 0
            overlays.append(.themes(ThemePickerState(selected: selected, before: theme)))
            return []
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .quit: return goBackOrQuit()
        case .back: return goBack()
        case .companies: return listCompanies()
        case .nextCompany: return goToNeighbour(by: 1)
        case .previousCompany: return goToNeighbour(by: -1)
        case .closeCompany: return scope == .companies ? closeSelectedCompany() : closeCompany()
        case .contexts: return openContexts()
        case .requests: return openRequests()
        case .operators: return openOperators()
        case .controlTrail: return openControlTrail()
        case .migrations: return openMigrations()
        case .adminMenu: return openAdminMenu()
        case .prove where !hasScreenOnTop:
            guard let context else { break }
            return openProof(urlID: context.urlID, companyName: context.open.companyName)
        case .lastCompany:
            guard let lastCompany, lastCompany != context?.urlID else {
                say("There is no company before this one.", .warning)
                return []
            }
            return enter(lastCompany)
        case .endImpersonation: return endImpersonation()
        case .filter: return beginFilter()
        case .columns: return openColumns()
        case .scrollLeft, .scrollRight: return scrollColumns(command)
        default: break
        }
        switch scope {
        case .companies, .anywhere: return performInCompanies(command)
        case .contexts: return performInContexts(command)
        case .requests: return performInRequests(command)
        case .operators: return performInOperators(command)
        case .controlTrail: return performInControlTrail(command)
        case .migrations: return performInMigrations(command)
        case .proof: return performInProof(command)
        case .workspace: return performInWorkspace(command)
        case .user: return performInUser(command)
        case .journey: return performInJourney(command)
        case .audit: return performInAudit(command)
        }
    }

    /// `q`: one screen back; on the first screen it quits.
    private mutating func goBackOrQuit() -> [Effect] {
        if !hasScreenOnTop, context == nil, !companies.list.isFiltering,
            companies.list.filter.isEmpty, companies.list.marked.isEmpty
        {
            return askToQuit()
        }
        return goBack()
    }

    /// `esc`: cancels what is running, else clears marks, then a filter, else goes one screen back.
    private mutating func goBack() -> [Effect] {
        if let effects = cancelRunning() { return effects }
        if let effects = clearFilterOnTop() { return effects }
        if hasScreenOnTop { return closeScreens() }
        if context == nil { return clearCompaniesFilter() }
        return goBackInCompany()
    }

    /// Stops what the screen waits for, in PostgreSQL too; nil when it waits for nothing.
    private mutating func cancelRunning() -> [Effect]? {
        if let opening {
            self.opening = nil
            say("Cancelled.", .warning)
            return [.leave(opening.id), .cancelControl]
        }
        if let effects = cancelProof() { return effects }
        if controlWait != nil { return [.cancelControl] }
        if let context, let run = context.export {
            return [.cancelExport(context.id, run.request)]
        }
        if context == nil, let run = companies.export { return [.cancelExport(nil, run.request)] }
        if let context, context.hasWaited(at: now) { return [.cancel(context.id)] }
        return nil
    }

    /// Moves the list on screen so that its selected row is drawn, whatever happened: the one place where that is done.
    private mutating func fitLists() {
        guard Layout.hasRoom(size) else { return }
        let layout = Layout(self)
        let rows = layout.listRows
        switch scope {
        case .companies: companies.list.fit(height: rows)
        case .workspace:
            context?.users.fit(height: rows)
            context?.journeys.fit(height: rows)
        case .audit: context?.audit.trail.fit(height: rows)
        case .contexts: contexts?.list.fit(height: rows)
        case .requests: requests.list.fit(height: rows)
        case .operators: operators?.list.fit(height: rows)
        case .controlTrail: controlTrail?.list.fit(height: rows)
        case .migrations: migrations?.list.fit(height: MigrationsView.tableRows(layout))
        case .proof: proof?.fit(height: ProofView.tableRows(layout))
        case .user, .journey, .anywhere: break
        }
    }

    /// Closes the overlays that show rows of a tenant or would change some.
    ///
    /// A form that asks for more time survives the end of what it goes on with: its reason is half written.
    mutating func closeTenantOverlays(keepingExtension: Bool = false) {
        overlays.removeAll { overlay in
            switch overlay {
            case .impersonation(let form): form.before == nil || !keepingExtension
            case .token, .menu, .confirm, .record, .export: true
            case .help, .palette, .themes, .form, .evidence, .columns, .waiting: false
            }
        }
    }
}

extension ContextState {
    /// Whether a read of the screen runs for so long that `esc` is meant for it.
    func hasWaited(at now: Milliseconds) -> Bool {
        guard let since = waitingSince else { return false }
        return now - since >= Spinner.delay
    }

    /// Since when the screen waits for an answer.
    var waitingSince: Milliseconds? {
        switch path.last {
        case .user(let user): return user.pending == nil ? nil : user.since
        case .journey(let journey): return journey.pending == nil ? nil : journey.since
        case nil: break
        }
        if audit.isFullScreen { return audit.trail.pending?.since }
        switch tab {
        case .users: return users.pending?.since
        case .journeys: return journeys.pending?.since
        case .overview: return overview.pending == nil ? nil : overview.since
        case .audit: return audit.trail.pending?.since
        }
    }
}
