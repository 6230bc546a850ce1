import Tenancy
import Terminal

extension ConsoleState {
    /// Whether this operator may see and decide requests at all.
    var takesPartInRequests: Bool { identity?.level.mayImpersonate == true }

    mutating func openRequests() -> [Effect] {
        guard takesPartInRequests else {
            say("Requests are for support and admins.", .warning)
            return []
        }
        let closing = closeScreens()
        showsRequests = true
        return closing + (requests.isLoaded ? [] : loadRequests())
    }

    mutating func performInRequests(_ command: Command) -> [Effect] {
        let height = Layout(self).listRows
        switch command {
        case .refresh: return loadRequests()
        case .approve: return askAbout(approve: true)
        case .deny: return askAbout(approve: false)
        case .withdraw: return askToWithdraw()
        case .open: return claimSelected()
        default:
            if !requests.list.take(command, height: height) { sayNoOrder() }
            return keepOrder(of: .requests, after: command)
        }
    }

    // MARK: Deciding

    /// A reason is typed first, and `y` decides afterwards.
    private mutating func askAbout(approve: Bool) -> [Effect] {
        guard let request = requests.selectedRecord else { return [] }
        guard request.mayDecide else {
            say(
                request.operatorName == operatorName
                    ? "Nobody decides about a request of their own; \(keys.label(of: .withdraw)) withdraws it."
                    : "This request is decided already.", .warning)
            return []
        }
        let who = DisplayText(request.operatorName).truncated(to: 24)
        overlays.append(
            .confirm(
                ConfirmState(
                    subject: .decide(request: request.id, approve: approve),
                    question: approve ? "Approve the request of \(who)?" : "Deny the request of \(who)?",
                    detail: [
                        "\(DisplayText(request.companyName)), \(String(request.minutes)) min"
                            + (request.ticket.map { ", \(DisplayText($0))" } ?? ""),
                        "“\(DisplayText(request.reason))”",
                    ], reason: TextField(limit: 300), askedAtFrame: frames)))
        return []
    }

    private mutating func askToWithdraw() -> [Effect] {
        guard let request = requests.selectedRecord else { return [] }
        guard request.operatorName == operatorName else {
            say("This is another operator's request; \(keys.label(of: .deny)) denies it.", .warning)
            return []
        }
        overlays.append(
            .confirm(
                ConfirmState(
                    subject: .withdraw(request: request.id), question: "Withdraw your request?",
                    detail: ["For \(DisplayText(request.companyName))."], reason: nil, askedAtFrame: frames)))
        return []
    }

    private mutating func claimSelected() -> [Effect] {
        guard let request = requests.selectedRecord else { return [] }
        guard request.state == .approved, request.operatorName == operatorName else {
            say(
                request.mayDecide
                    ? "\(keys.label(of: .approve)) approves it, \(keys.label(of: .deny)) denies it; each with "
                        + "a reason." : "It waits for a second operator.",
                .warning)
            return []
        }
        return claim(ImpersonationRequest(claiming: request))
    }

    private mutating func claim(_ wish: ImpersonationRequest) -> [Effect] {
        guard mayClaim(wish) else {
            return refuseNesting()
        }
        return open(.impersonation(wish))
    }

    /// Whether an approved impersonation may begin: in a company where none is open, or to go on with the same user.
    private func mayClaim(_ wish: ImpersonationRequest) -> Bool {
        guard let open = openCompany(wish.urlID), open.isImpersonating else { return true }
        return open.context.wish?.user == wish.user
    }

    // MARK: Answers

    mutating func loadRequests() -> [Effect] {
        guard requests.pending == nil else {
            requests.isStale = true
            return []
        }
        let request = nextRequest()
        requests.pending = request
        requests.isStale = false
        requests.since = now
        return [.loadRequests(request)]
    }

    mutating func takeRequests(_ action: Action) -> [Effect] {
        switch action {
        case .requestsChanged:
            return loadRequests() + lookAtWait()
        case .requestsLoaded(let request, let result):
            guard requests.pending == request else { return [] }
            requests.pending = nil
            switch result {
            case .success(let records): accept(records)
            case .failure(let error):
                requests.failure = error.sentence
                if showsRequests { report(error) }
                // What somebody stopped does not begin again by itself.
                if error.code == .cancelled { requests.isStale = false }
            }
            return requests.isStale ? loadRequests() : []
        case .requestDecided(let said, let result):
            switch result {
            case .success: say(DisplayText(said))
            case .failure(let error): sayNotChanged(error)
            }
            return loadRequests()
        case .contextPending(let id, let intent, let request):
            guard opening?.id == id, case .impersonation(let wish) = intent else { return [] }
            opening = nil
            if case .impersonation = overlays.last { overlays.removeLast() }
            wait = ApprovalWait(request, wish: wish, now: now)
            overlays.append(.waiting)
            // It may have been decided before anybody listened for it.
            return lookAtWait()
        case .requestLoaded(let request):
            let effects = takeDecision(request)
            return effects + endLook()
        case .requestUnread: return endLook()
        case .companyLoaded(let company):
            known[company.urlID] = company
            if case .impersonation(var form) = overlays.last, form.urlID == company.urlID {
                form.take(company.policy)
                overlays[overlays.count - 1] = .impersonation(form)
            }
            return []
        default: return []
        }
    }

    /// Reads what became of the request that is waited for: one read at a time, however often something is announced.
    private mutating func lookAtWait() -> [Effect] {
        guard let waited = wait else { return [] }
        wait?.isLookedForAgain = waited.isBeingRead
        wait?.isBeingRead = true
        return waited.isBeingRead ? [] : [.loadRequest(waited.request.id)]
    }

    private mutating func endLook() -> [Effect] {
        let again = wait?.isLookedForAgain == true
        wait?.isBeingRead = false
        wait?.isLookedForAgain = false
        return again ? lookAtWait() : []
    }

    private mutating func accept(_ records: [ApprovalRequest]) {
        requests.list.rows = records
        requests.isLoaded = true
        requests.failure = nil
    }

    /// What was waited for is decided: approved, it opens when its wait is on screen, and is announced otherwise.
    private mutating func takeDecision(_ request: ApprovalRequest) -> [Effect] {
        guard let waited = wait, waited.request.id == request.id, waited.request != request else { return [] }
        wait?.take(request, at: now)
        let isWatched = overlays.last == .waiting
        let company = DisplayText(request.companyName).truncated(to: 32)
        switch request.state {
        case .pending: return []
        case .approved:
            guard waited.request.state == .pending else { return [] }
            if isWatched, mayClaim(ImpersonationRequest(claiming: request)) {
                overlays.removeLast()
                return claim(ImpersonationRequest(claiming: request))
            }
            let enter = Key.enter.label.spelledOut(where: glyphs)
            say(
                "Your request is approved: \(keys.label(of: .requests)), then \(enter) begins it (\(company))."
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
        overlays.removeAll { $0 == .waiting }
    }

    /// `esc` leaves the wait, and a request that is still open waits on.
    mutating func takeWaiting(_ key: Key) -> [Effect] {
        switch key {
        case .escape, .character("q"):
            if wait?.request.state == .pending {
                say("The request waits on; \(keys.label(of: .requests)) lists it.")
            } else if wait?.request.state.isOpen != true {
                wait = nil
            }
        default:
            overlays.append(.waiting)
        }
        return []
    }
}
