import Tenancy
import Terminal

extension ConsoleState {
    mutating func openRequests() -> [Effect] {
        guard shell.takesPartInRequests else {
            say("Requests are for support and admins.", .warning)
            return []
        }
        if scope == .requests { return [] }
        let closing = closeScreens()
        top = AnyScreen(RequestsScreen(shell.requests))
        top?.screen.setOrder(shell.keptOrder(of: .requests))
        return closing + (shell.requests.isLoaded ? [] : top?.screen.load(&shell) ?? [])
    }

    mutating func claim(_ wish: ImpersonationRequest) -> [Effect] {
        mayClaim(wish) ? open(.impersonation(wish)) : refuseNesting()
    }

    /// Whether an approved impersonation may begin: in a company where none is open, or to go on with the same user.
    private func mayClaim(_ wish: ImpersonationRequest) -> Bool {
        guard let open = openCompany(wish.urlID), open.isImpersonating else { return true }
        return open.context.wish?.user == wish.user
    }

    // MARK: Answers

    private mutating func loadRequests() -> [Effect] {
        shell.requests.load(shell.nextRequest(), at: shell.now)
    }

    mutating func takeRequestsChange() -> [Effect] { loadRequests() + lookAtWait() }

    mutating func takeRequests(
        _ request: RequestID, _ result: Result<[ApprovalRequest], TenancyError>
    ) -> [Effect] {
        guard shell.requests.pending == request else { return [] }
        shell.requests.pending = nil
        switch result {
        case .success(let records):
            shell.requests.rows = records
            shell.requests.isLoaded = true
            shell.requests.failure = nil
        case .failure(let error):
            shell.requests.failure = error.sentence
            if scope == .requests { report(error) }
            // What somebody stopped does not begin again by itself.
            if error.code == .cancelled { shell.requests.isStale = false }
        }
        return shell.requests.isStale ? loadRequests() : []
    }

    mutating func takeRequest(_ request: ApprovalRequest) -> [Effect] {
        let effects = takeDecision(request)
        return effects + endLook()
    }

    mutating func takeRequestDecided(_ said: String, _ result: Result<Bool, TenancyError>) -> [Effect] {
        switch result {
        case .success: say(DisplayText(said))
        case .failure(let error): sayNotChanged(error)
        }
        return loadRequests()
    }

    /// Waits for what a second operator says, with that on screen.
    mutating func waitForDecision(on request: ApprovalRequest, _ wish: ImpersonationRequest) -> [Effect] {
        wait = ApprovalWait(request, wish: wish, now: shell.now)
        shell.overlays.append(.waiting(WaitingState()))
        // It may have been decided before anybody listened for it.
        return lookAtWait()
    }

    /// Takes in what the server said of a company.
    mutating func takeCompany(_ company: Company) -> [Effect] {
        shell.known[company.urlID] = company
        if case .impersonation(var form) = shell.overlays.last, form.urlID == company.urlID {
            form.take(company.policy)
            shell.overlays[shell.overlays.count - 1] = .impersonation(form)
        }
        return []
    }

    /// Reads what became of the request that is waited for: one read at a time, however often something is announced.
    private mutating func lookAtWait() -> [Effect] {
        guard let waited = wait else { return [] }
        wait?.isLookedForAgain = waited.isBeingRead
        wait?.isBeingRead = true
        return waited.isBeingRead ? [] : [.control(.loadRequest(waited.request.id))]
    }

    mutating func endLook() -> [Effect] {
        let again = wait?.isLookedForAgain == true
        wait?.isBeingRead = false
        wait?.isLookedForAgain = false
        return again ? lookAtWait() : []
    }

    /// What was waited for is decided: approved, it opens when its wait is on screen, and is announced otherwise.
    private mutating func takeDecision(_ request: ApprovalRequest) -> [Effect] {
        guard let waited = wait, waited.request.id == request.id, waited.request != request else { return [] }
        wait?.take(request, at: shell.now)
        let isWatched = isWaitShown
        let company = DisplayText(request.companyName).truncated(to: 32)
        switch request.state {
        case .pending: return []
        case .approved:
            guard waited.request.state == .pending else { return [] }
            if isWatched, mayClaim(ImpersonationRequest(claiming: request)) {
                shell.overlays.removeLast()
                return claim(ImpersonationRequest(claiming: request))
            }
            let enter = Key.enter.label.spelledOut(where: shell.looks.glyphs)
            say(
                "Your request is approved: \(shell.keys.label(of: .requests)), then \(enter) begins it (\(company))."
            )
            return []
        case .claimed, .withdrawn:
            forgetWait()
            return []
        case .denied, .expired:
            if !isWatched {
                say(
                    request.state == .denied
                        ? "Your request was denied: \(DisplayText(request.decision ?? "")) (\(company))"
                        : "Nobody decided about your request in time (\(company)).", .warning)
                forgetWait()
            }
            return []
        }
    }

    /// Waits for nothing any more.
    mutating func forgetWait() {
        wait = nil
        shell.overlays.removeAll { $0 == .waiting(WaitingState()) }
    }
}
