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
        case .linked(let identity): effects = takeLink(as: identity)
        case .linkFailed(let error): effects = takeLinkFailure(error)
        case .linkLost(let error): effects = loseLink(error)
        case .companies(.loaded(let request, let place, .failure(let error))) where error.code == .unreachable:
            effects = companies.take(.loaded(request, place, .failure(error)), &shell) + loseLink(error)
        case .companies(let answer): effects = companies.take(answer, &shell)
        case .screen(let answer): effects = top?.screen.receive(answer, &shell) ?? []
        case .companyLoaded(let company): effects = takeCompany(company)
        case .companiesSuggested(let request, let result): effects = takeSuggestions(request, result)
        case .activityLoaded(let request, let urlID, let result):
            takeActivity(request, urlID, result)
            effects = []
        case .requestsChanged: effects = takeRequestsChange()
        case .requestsLoaded(let request, let result): effects = takeRequests(request, result)
        case .requestLoaded(let request): effects = takeRequest(request)
        case .requestUnread: effects = endLook()
        case .requestDecided(let said, let result): effects = takeRequestDecided(said, result)
        case .administered(let request, let change, let result):
            effects = takeAdministered(request, change, result)
        case .contextEndAnswered(let said, let result):
            switch result {
            case .success: say(DisplayText(said))
            case .failure(let error): sayNotChanged(error)
            }
            effects = scope == .contexts ? top?.screen.load(&shell) ?? [] : []
        case .exportProgressed(let request, let rows):
            companies.export?.note(rows, of: request)
            effects = []
        case .exportEnded(let request, let end):
            if companies.export?.request == request { companies.export = nil }
            say(end)
            effects = []
        }
        top?.screen.note(shell)
        guard shell.overlays.isEmpty, let wish = controlScreen?.screen.grantWish() else { return effects }
        // The rows are in, and the first of them is selected only now.
        fitLists()
        return effects + perform(wish)
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
        if !shell.overlays.isEmpty { return takeOverlay(key) }
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

    // MARK: Going back

    /// `q`: one screen back; on the first screen it quits.
    mutating func goBackOrQuit() -> [Effect] {
        if !hasScreenOnTop, context == nil, !companies.list.isFiltering,
            companies.list.filter.isEmpty, companies.list.marked.isEmpty
        {
            return askToQuit()
        }
        return goBack()
    }

    /// `esc`: cancels what is running, else clears marks, then a filter, else goes one screen back.
    mutating func goBack() -> [Effect] {
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
    mutating func fitLists() {
        measure()
        guard Layout.hasRoom(shell.size) else { return }
        let shell = self.shell
        controlScreen?.screen.fit(shell)
        onScreenOfCompany { $0.fit(shell) }
    }
}
