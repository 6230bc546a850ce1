import Tenancy
import Terminal

extension ConsoleState {
    mutating func impersonateHere() -> [Effect] {
        guard let context else { return [] }
        if context.isImpersonating {
            return refuseNesting()
        }
        return openImpersonationForm(
            urlID: context.urlID, companyName: context.open.companyName, user: context.person)
    }

    mutating func refuseNesting() -> [Effect] {
        let key = shell.keys.label(of: .endImpersonation)
        say("You are impersonating already; end it (\(key)) first. Impersonations do not nest.", .warning)
        return []
    }

    mutating func openImpersonationForm(
        urlID: String, companyName: String, user: String?, after before: ImpersonationRequest? = nil
    ) -> [Effect] {
        if let level = identity?.level, !level.mayImpersonate {
            say("Level \(level.rawValue) may not impersonate; support and admin may.", .warning)
            return []
        }
        if before == nil, let open = openCompany(urlID), open.isImpersonating {
            say(
                "You are impersonating in it already, as number \(String(open.number)). "
                    + "Impersonations do not nest.", .warning)
            return []
        }
        guard !isReadOnly || mayImpersonateReading(urlID) else { return refuseChange() }
        guard hasRoom(for: urlID) else { return [] }
        var form = ImpersonationForm(
            urlID: urlID, companyName: companyName, user: user, after: before, frame: shell.frames)
        if before == nil, let draft = shell.drafts.impersonations[urlID] { form.takeUp(draft) }
        if let company = company(urlID) { form.take(company.policy) }
        shell.overlays.append(.impersonation(form))
        return [.control(.loadCompany(urlID))]
    }

    /// `+`: asks for one more token, with a reason of its own; the one that is open ends when the new one opens.
    mutating func extendImpersonation() -> [Effect] {
        guard let context, context.open.purpose == .impersonation, let wish = context.wish else {
            say("No impersonation is open here; \(shell.keys.label(of: .impersonate)) begins one.", .warning)
            return []
        }
        return openImpersonationForm(
            urlID: context.urlID, companyName: context.open.companyName, user: wish.user, after: wish)
    }

    // MARK: Ending

    /// `E`: ends the impersonation on screen in the database, or the one that is open elsewhere.
    mutating func endImpersonation() -> [Effect] {
        if let context, context.isImpersonating {
            closeTenantOverlays()
            say(
                "The impersonation of \(DisplayText(context.open.subject ?? context.open.companyName)) has ended."
            )
            return [.inside(context.id, .leave)] + returnFromImpersonation(context)
        }
        let elsewhere = others.filter(\.isImpersonating)
        guard let first = elsewhere.first else {
            say("No impersonation is open.", .warning)
            return []
        }
        if elsewhere.count == 1 { return endImpersonation(number: first.number) }
        shell.overlays.append(
            .menu(
                MenuState(
                    title: "End which impersonation?",
                    items: elsewhere.map { company in
                        MenuState.Item(
                            key: Character(String(company.number)),
                            label: DisplayText(company.context.open.companyName).truncated(to: 40),
                            choice: .endImpersonation(number: company.number))
                    })))
        return []
    }

    /// Ends the impersonation of a company that is not on screen; what it was started from stays open.
    mutating func endImpersonation(number: Int) -> [Effect] {
        guard let place = others.firstIndex(where: { $0.number == number && $0.isImpersonating }) else {
            return []
        }
        let company = others[place]
        say(OpenCompany.ended(company))
        if let parked = company.parked, parked.ended == nil {
            others[place].context = parked
            others[place].parked = nil
            others[place].isStale = true
        } else {
            others.remove(at: place)
        }
        return [.inside(company.context.id, .leave)]
    }

    /// Shows the parked context again; with none, or a dead one, a fresh token opens the company as before.
    private mutating func returnFromImpersonation(_ ended: ContextState) -> [Effect] {
        if let effects = takeUpParked() { return effects }
        company?.parked = nil
        company?.context.wipe(why: "The impersonation has ended.", at: shell.now)
        return open(.access(urlID: ended.urlID))
    }

    /// Brings back the screen that an impersonation was started from; nil when its context is over too.
    mutating func takeUpParked() -> [Effect]? {
        guard let before = parked, before.ended == nil else { return nil }
        company?.parked = nil
        context = before
        context?.isChanging = false
        return reloadScreen()
    }
}
