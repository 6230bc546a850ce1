import Tenancy
import Terminal

extension ConsoleState {
    /// Every company that is open, by its number; the one on screen among them.
    var openCompanies: [OpenCompany] {
        var open = others
        if let company { open.append(company) }
        return open.sorted { $0.number < $1.number }
    }

    func openCompany(_ urlID: String) -> OpenCompany? { openCompanies.first { $0.urlID == urlID } }

    private var freeNumber: Int {
        let taken = Set(openCompanies.map(\.number))
        return (1...OpenCompany.most).first { !taken.contains($0) } ?? OpenCompany.most
    }

    /// Whether one more company may be opened; else a notice says what to do first.
    mutating func hasRoom(for urlID: String) -> Bool {
        guard openCompany(urlID) == nil, openCompanies.count >= OpenCompany.most else { return true }
        let close = shell.keys.label(of: .closeCompany)
        say("Nine companies are open; close one first: \(close) in it ends its context.", .warning)
        return false
    }

    // MARK: Going from one to another

    /// `0`: the list of companies; the one on screen stays open.
    mutating func listCompanies() -> [Effect] {
        let closing = closeScreens()
        guard let current = context else { return closing }
        setAside()
        companies.list.select(current.urlID, height: Layout(self).listRows)
        // A filter that led here would hide all others.
        guard !companies.list.filter.isEmpty else { return closing }
        return closing + companies.show(current.urlID, &shell).effects
    }

    /// `w` and `W`: the next company that is open, and the one before, round in a ring.
    mutating func goToNeighbour(by step: Int) -> [Effect] {
        let open = openCompanies
        let present = context.flatMap { current in open.firstIndex { $0.context.id == current.id } }
        guard !open.isEmpty, present == nil || open.count > 1 || hasScreenOnTop else {
            let (list, open) = (shell.keys.label(of: .companies), shell.keys.label(of: .open))
            let words: DisplayText = "No other company is open: \(list) lists them, \(open) opens one more."
            say(words.spelledOut(where: shell.looks.glyphs), .warning)
            return []
        }
        let from = present ?? (step > 0 ? -1 : open.count)
        return goTo(number: open[(from + step + open.count) % open.count].number)
    }

    mutating func goTo(number wanted: Int) -> [Effect] {
        if company?.number == wanted { return closeScreens() }
        guard let place = others.firstIndex(where: { $0.number == wanted }) else {
            say("No company is open as number \(String(wanted)).", .warning)
            return []
        }
        let closing = closeScreens()
        var wanted = others.remove(at: place)
        setAside()
        let (said, isStale) = (wanted.notice, wanted.isStale)
        (wanted.notice, wanted.isStale) = (nil, false)
        company = wanted
        if let said { shell.notice = said }
        return closing + catchUp(isStale: isStale)
    }

    /// Reads what the screen missed while it was away; rows that are there are shown at once.
    private mutating func catchUp(isStale: Bool) -> [Effect] {
        guard let current = context, current.ended == nil else { return [] }
        if isStale { return reloadScreen() }
        let audit = current.audit
        let isBehind = !audit.isPaused && audit.newest > (audit.records.first?.id ?? 0)
        return isBehind ? loadAudit() : []
    }

    /// Puts the company on screen among the others.
    private mutating func setAside() {
        guard var current = company else { return }
        lastCompany = current.urlID
        // What was typed there and not asked about yet is asked about when it is back.
        if typed?.dueAt != nil, typed?.target == .inside { current.isStale = true }
        typed = nil
        keep(current)
        company = nil
        closeTenantOverlays()
    }

    /// Puts a company among the others, in the order of their numbers.
    private mutating func keep(_ company: OpenCompany) {
        others.append(company)
        others.sort { $0.number < $1.number }
    }

    // MARK: Opening and closing

    /// Puts a context that was just opened on screen: into its company's place, or as one more company.
    mutating func show(_ new: ContextState, for intent: ContextIntent) -> [Effect] {
        let closing = closeScreens()
        if company?.urlID != new.urlID {
            setAside()
            company = others.firstIndex { $0.urlID == new.urlID }.map { others.remove(at: $0) }
        }
        var opened = company ?? OpenCompany(number: freeNumber, context: new)
        let left = opened.put(new, intent)
        company = opened
        note(intent)
        if case .impersonation = intent { shell.overlays.removeAll() }
        return closing + left + loadIfMissing() + loadAudit()
    }

    /// The same while another screen is on, which stays: the operator went on before it was open.
    mutating func openAside(_ new: ContextState, for intent: ContextIntent) -> [Effect] {
        let place = others.firstIndex { $0.urlID == new.urlID }
        var opened = place.map { others.remove(at: $0) } ?? OpenCompany(number: freeNumber, context: new)
        let left = opened.put(new, intent)
        opened.isStale = true
        note(intent)
        keep(opened)
        say("\(String(opened.number)) \(DisplayText(new.open.companyName).truncated(to: 32)) is open.")
        return left
    }

    /// Notes that a context was opened as it was asked for.
    private mutating func note(_ intent: ContextIntent) {
        if shell.known[intent.urlID] == nil { shell.known[intent.urlID] = company(intent.urlID) }
        if case .impersonation(let request) = intent {
            if request.approval == wait?.request.id { wait = nil }
            shell.drafts.impersonations[request.urlID] = nil
        }
        recents.removeAll { $0 == intent.urlID }
        recents.insert(intent.urlID, at: 0)
    }

    /// `Q` in the list of companies: closes the selected one without going there.
    mutating func closeSelectedCompany() -> [Effect] {
        guard let selected = companies.list.selected else {
            if !companies.list.keep(.closeCompany) { shell.sayNoRow() }
            return []
        }
        guard let place = others.firstIndex(where: { $0.urlID == selected.urlID }) else {
            say("\(DisplayText(selected.name).truncated(to: 32)) is not open.", .warning)
            return []
        }
        let closed = others.remove(at: place)
        say("\(String(closed.number)) \(DisplayText(selected.name).truncated(to: 32)) is closed.")
        return closed.live.map { .inside($0.id, .leave) }
    }

    /// Goes back from the first screen of a company: that closes it, and an impersonation is asked about before.
    mutating func leaveCompany() -> [Effect] {
        guard let current = context, current.isImpersonating else { return closeCompany() }
        let subject = DisplayText(current.open.subject ?? current.open.companyName).truncated(to: 40)
        var detail: [DisplayText] = ["The impersonation of \(subject) ends in the database."]
        if parked != nil { detail.append("So does the context that it was begun from.") }
        shell.overlays.append(
            .confirm(
                ConfirmState(
                    subject: .closeCompany,
                    question: "Close \(DisplayText(current.open.companyName).truncated(to: 40))?",
                    detail: detail, reason: nil, askedAtFrame: shell.frames)))
        return []
    }

    /// Closes the company on screen: its contexts end in the database, and the list of companies comes back.
    mutating func closeCompany() -> [Effect] {
        let closing = closeScreens()
        guard let current = context else { return closing }
        let left = company?.live ?? []
        if !left.isEmpty {
            let name = DisplayText(current.open.companyName).truncated(to: 32)
            say("\(String(company?.number ?? 0)) \(name) is closed; its \(current.kindWords) has ended.")
        }
        lastCompany = current.urlID
        company = nil
        closeTenantOverlays()
        companies.list.select(current.urlID, height: Layout(self).listRows)
        return closing + left.map { .inside($0.id, .leave) }
    }
}
