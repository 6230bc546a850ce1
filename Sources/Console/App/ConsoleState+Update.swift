import Tenancy
import Terminal

extension ConsoleState {
    /// Takes in what happened at `now`; gives what is to be done about it.
    mutating func update(_ action: Action, at now: Milliseconds) -> [Effect] {
        shell.now = max(shell.now, now)
        lockWhenIdle()
        let expiry = endOverdueContexts() + endVisit()
        measure()
        var effects = react(to: action)
        effects += playTour()
        noteVisit()
        effects = withinVisit(
            withoutChanges(expiry + effects + noteRest() + wakeScreen() + askWhatWasTyped()))
        fitLists()
        return effects
    }

    /// A frame was drawn: what is on it can now be confirmed.
    ///
    /// That is no action, and time stands still in it: nobody would take what it asks for.
    mutating func notePresented() { shell.frames += 1 }

    /// The first effects of a run.
    mutating func start() -> [Effect] {
        measure()
        return [.control(.link(after: 0))] + loadCompanies(.start)
    }

    /// Every action by its address; nothing is left over, and no answer of a company reaches another one.
    private mutating func react(to action: Action) -> [Effect] {
        switch action {
        case .input(let event): return take(event)
        case .clockTicked: return []
        case .control(let answer): return take(answer)
        case .inside(let id, let answer): return take(answer, inside: id)
        case .terminal(.copied(let said)): say(DisplayText(said))
        case .terminal(.copyFailed(let said)): say(DisplayText(said), .failure)
        case .terminal(.noticed(let said)): say(DisplayText(said), .warning)
        }
        return []
    }

    /// An answer over the control connection: to what the console keeps, then to the screen on top.
    private mutating func take(_ answer: ControlAnswer) -> [Effect] {
        let effects: [Effect]
        switch answer {
        case .linked, .linkFailed, .linkLost: effects = takeLink(answer)
        case .companiesLoaded(_, _, .failure(let error)) where error.code == .unreachable:
            effects = companies.take(answer, &shell) + takeLink(.linkLost(error))
        case .companiesLoaded, .companiesCounted: effects = companies.take(answer, &shell)
        case .companyLoaded(let company): effects = takeCompany(company)
        case .companiesSuggested(let request, let result): effects = takeSuggestions(request, result)
        case .activityLoaded(let request, let urlID, let result):
            takeActivity(request, urlID, result)
            effects = []
        case .requestsChanged, .requestsLoaded, .requestLoaded, .requestUnread, .requestDecided:
            effects = takeRequests(answer)
        case .administered(let request, let change, let result):
            effects = takeAdministered(request, change, result)
        case .contextEndAnswered(let said, let result):
            switch result {
            case .success: say(DisplayText(said))
            case .failure(let error): sayNotChanged(error)
            }
            effects = []
        case .exportProgressed(let request, let rows):
            companies.export?.note(rows, of: request)
            effects = []
        case .exportEnded(let request, let end):
            if companies.export?.request == request { companies.export = nil }
            say(end)
            effects = []
        case .contextsLoaded, .operatorsLoaded, .controlTrailLoaded, .migrationsLoaded, .fleetLoaded,
            .proofAdvanced, .proofMade:
            effects = []
        }
        let asked = top?.screen.take(answer, &shell) ?? []
        guard shell.overlays.isEmpty, let wish = controlScreen?.screen.grantWish() else {
            return effects + asked
        }
        return effects + asked + perform(wish)
    }

    /// How much room the list on screen has, before anything is asked of it.
    private mutating func measure() {
        if Layout.hasRoom(shell.size) { shell.listRows = Layout(self).listRows }
    }

    /// Looks again at a screen that follows something, when its time has come.
    private mutating func wakeScreen() -> [Effect] {
        guard let due = top?.screen.wakesAt, shell.now >= due else { return [] }
        return top?.screen.wake(&shell) ?? []
    }

    // MARK: Input

    private mutating func take(_ event: InputEvent) -> [Effect] {
        switch event {
        case .resize(let size):
            shell.size = size
            return []
        case .hangup: return [.terminal(.quit)]
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
            return quits && openCompanies.allSatisfy(\.live.isEmpty) ? [.terminal(.quit)] : []
        }
        shell.notice = nil
        forgetWishes()
        if key == .control("c") { return interrupt() }
        if !shell.overlays.isEmpty { return takeOverlay(key == .control("g") ? .escape : key) }
        if let effects = takeFilter(key) { return effects }
        guard let command = shell.keys.command(for: key, in: scope) else { return [] }
        if command == .openCompany, let number = key.digit { return goTo(number: number) }
        return perform(command)
    }

    private mutating func forgetWishes() {
        top?.screen.dropWish()
        onScreenOfCompany { $0.dropWish() }
        companies.dropWish()
    }

    /// `^C`: what is running is cancelled; with nothing running it asks whether to quit.
    private mutating func interrupt() -> [Effect] {
        if let effects = cancelRunning() { return effects }
        shell.overlays = []
        return askToQuit()
    }

    mutating func askToQuit() -> [Effect] {
        let open = openCompanies.filter { !$0.live.isEmpty }
        guard let first = open.first?.context.open.companyName else { return [.terminal(.quit)] }
        shell.overlays.append(
            .confirm(
                ConfirmState(
                    subject: .quit, question: "Quit Piste?",
                    detail: [
                        open.count == 1
                            ? "The context for \(DisplayText(first)) ends with it."
                            : "The contexts for \(String(open.count)) companies end with it."
                    ],
                    reason: nil,
                    askedAtFrame: shell.frames)))
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
            shell.overlays.append(.help(HelpState()))
            return []
        case .palette:
            shell.overlays.append(.palette(PaletteState()))
            return []
        case .themes:
            let selected = shell.themes.firstIndex(of: theme) ?? 0
            shell.overlays.append(.themes(ThemePickerState(selected: selected, before: theme)))
            return []
        case .redraw: return [.terminal(.redraw)]
        case .suspend: return [.terminal(.suspend)]
        case .quit: return goBackOrQuit()
        case .back: return goBack()
        case .companies: return listCompanies()
        case .nextCompany: return goToNeighbour(by: 1)
        case .previousCompany: return goToNeighbour(by: -1)
        case .closeCompany: return scope == .companies ? closeSelectedCompany() : closeCompany()
        case .contexts:
            return put(ContextsScreen(customer: context?.urlID ?? companies.list.selected?.urlID))
        case .requests: return openRequests()
        case .operators: return put(OperatorsScreen())
        case .controlTrail: return put(ControlTrailScreen())
        case .migrations: return put(MigrationsScreen())
        case .adminMenu: return openAdminMenu()
        case .prove where !hasScreenOnTop:
            guard let context else { break }
            return put(ProofScreen(urlID: context.urlID, companyName: context.open.companyName))
        case .lastCompany:
            guard let lastCompany, lastCompany != context?.urlID else {
                say("There is no company before this one.", .warning)
                return []
            }
            return enter(lastCompany)
        case .endImpersonation: return endImpersonation()
        case .filter: return beginFilter()
        case .export where context?.export != nil || companies.export != nil:
            say("An export is running; esc cancels it.", .warning)
            return []
        case .columns where isOwnList: return openColumns()
        case .scrollLeft where isOwnList, .scrollRight where isOwnList: return scrollColumns(command)
        default: break
        }
        if controlScreen != nil {
            if controlScreen?.screen.wish(for: command) == true { return [] }
            let effects = onControlScreen { $0.perform(command, &$1) } ?? []
            return effects + goOn()
        }
        guard let context else { return [] }
        return context.ended == nil ? performOnScreen(command) : performAfterEnd(command)
    }

    /// Whether the list on screen is one whose columns are chosen by their titles here.
    private var isOwnList: Bool {
        guard controlScreen == nil, let screen = context?.screen?.screen else { return true }
        return !type(of: screen).choosesColumns
    }

    /// What works the same everywhere in a company, then what the screen itself does.
    private mutating func performOnScreen(_ command: Command) -> [Effect] {
        if let effects = performInsideCompany(command) { return effects }
        var isKept = false
        onScreenOfCompany { isKept = $0.wish(for: command) }
        if isKept { return [] }
        let effects = company?.onScreen(&shell) { $0.perform(command, &$1) } ?? []
        return effects + goOn()
    }

    /// Does what a screen asked for that is not its own to do.
    mutating func goOn() -> [Effect] {
        defer { shell.passage = nil }
        switch shell.passage {
        case .claim(let request): return claim(ImpersonationRequest(claiming: request))
        case .company(let urlID): return enter(urlID)
        case .impersonate(let company):
            return openImpersonationForm(urlID: company.urlID, companyName: company.name, user: nil)
        case .prove(let company): return put(ProofScreen(urlID: company.urlID, companyName: company.name))
        case .enter(let screen): return enter(screen)
        case .rows(let values, let key, let tables):
            guard let table = tables.first(where: { $0.name == key.table }),
                let base = RowFilter(rowsNaming: values, by: key)
            else { return [] }
            let words =
                "\(key.columns.joined(separator: ", ")) = \(values.compactMap(\.text).joined(separator: ", "))"
            return enter(AnyTenantScreen(RowsScreen(of: table, among: tables, base: base, baseWords: words)))
        case .order(let screen, let name, let ascending):
            return sort(screen, by: name, ascending: ascending)
        case .keepTables: return [shell.keepTables]
        case .copy(let text, let what): return [.terminal(.copy(text, what: what))]
        case nil: return []
        }
    }

    /// Opens a screen over the one of the company that is on.
    private mutating func enter(_ screen: AnyTenantScreen) -> [Effect] {
        company?.context.path.append(screen)
        return company?.load(&shell) ?? []
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
        if controlScreen?.screen.clearMarks() == true { return [] }
        if controlScreen != nil, let effects = clearFilterOfScreen() { return effects }
        if hasScreenOnTop { return closeScreens() }
        guard context == nil else { return goBackInCompany() }
        say("Nothing lies before the companies; \(shell.keys.label(of: .quit)) quits.")
        return []
    }

    /// Stops what the screen waits for, in PostgreSQL too; nil when it waits for nothing.
    private mutating func cancelRunning() -> [Effect]? {
        if let opening {
            self.opening = nil
            say("Cancelled.", .warning)
            return [.inside(opening.id, .leave), .control(.cancel)]
        }
        if let effects = cancelCounting() { return effects }
        if let screen = controlScreen?.screen {
            if top == nil, let run = companies.export { return [.control(.cancelExport(run.request))] }
            // A read that is hardly begun is not what `esc` is meant for.
            guard let since = screen.waitingSince,
                type(of: screen).stopsAtOnce || shell.now - since >= Spinner.delay
            else { return nil }
            return controlScreen?.screen.cancel()
        }
        guard let context else { return nil }
        if let run = context.export { return [.inside(context.id, .cancelExport(run.request))] }
        if context.hasWaited(at: shell.now) { return [.inside(context.id, .cancel)] }
        return nil
    }

    /// Moves the list on screen so that its selected row is drawn, whatever happened: the one place where that is done.
    private mutating func fitLists() {
        measure()
        guard Layout.hasRoom(shell.size) else { return }
        let shell = self.shell
        controlScreen?.screen.fit(shell)
        onScreenOfCompany { $0.fit(shell) }
    }

    /// Closes the overlays that show rows of a tenant or would change some.
    ///
    /// A form that asks for more time survives the end of what it goes on with: its reason is half written.
    mutating func closeTenantOverlays(keepingExtension: Bool = false) {
        shell.overlays.removeAll { overlay in
            switch overlay {
            case .impersonation(let form): form.before == nil || !keepingExtension
            case .token, .menu, .confirm, .record, .export, .pick, .frequency: true
            case .help, .palette, .themes, .form, .evidence, .columns, .waiting: false
            }
        }
    }
}
