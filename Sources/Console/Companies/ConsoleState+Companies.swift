import Tenancy
import Terminal

extension ConsoleState {
    mutating func performInCompanies(_ command: Command) -> [Effect] {
        let height = Layout(self).listRows
        switch command {
        case .open:
            guard let company = companies.list.selected else {
                return waitForRows(companies.list.keep(command))
            }
            return enter(company.urlID)
        case .impersonate:
            guard let company = companies.list.selected else {
                return waitForRows(companies.list.keep(command))
            }
            return openImpersonationForm(urlID: company.urlID, companyName: company.name, user: nil)
        case .createCompany:
            shell.overlays.append(.form(.createCompany))
            return []
        case .administer:
            guard let company = companies.list.selected else {
                return waitForRows(companies.list.keep(command))
            }
            openAdministration(of: company)
            return []
        case .prove:
            guard let company = companies.list.selected else {
                return waitForRows(companies.list.keep(command))
            }
            return put(ProofScreen(urlID: company.urlID, companyName: company.name))
        case .copy:
            guard let company = companies.list.selected else {
                return waitForRows(companies.list.keep(command))
            }
            shell.overlays.append(.menu(.copying(company, marked: companies.list.marked)))
            return []
        case .mark:
            guard companies.list.toggleMark() else { return waitForRows(companies.list.keep(command)) }
            return performInCompanies(.down)
        case .sort, .reverseSort:
            if command == .sort {
                let next = companies.sort.next
                return sort(.companies, by: next.rawValue, ascending: next.startsAscending)
            }
            return sort(.companies, by: companies.sort.rawValue, ascending: !companies.ascending)
        case .export: return openExport()
        case .refresh:
            companies.activity = CompanyActivity()
            return loadCompanies(companies.list.placeOfWindow)
        default:
            guard let place = companies.list.perform(command, height: height) else { return [] }
            return loadCompanies(place)
        }
    }

    /// Reads a page of companies, or keeps the wish until the page on its way is in.
    mutating func loadCompanies(_ place: PageRequest<String>.Place) -> [Effect] {
        let query = companies.query
        guard let request = companies.list.begin(place, id: nextRequest(), at: shell.now) else { return [] }
        let limit = shell.pageLimit
        var effects: [Effect] = [.control(.loadCompanies(request, query, PageRequest(place, limit: limit)))]
        if case .start = place { effects.append(.control(.countCompanies(search: query.filter))) }
        return effects
    }

    mutating func clearCompaniesFilter() -> [Effect] {
        if companies.list.clearMarks() { return [] }
        guard !companies.list.filter.isEmpty || companies.list.isFiltering else {
            say("Nothing lies before the companies; \(shell.keys.label(of: .quit)) quits.")
            return []
        }
        companies.list.isFiltering = false
        guard !companies.list.filter.isEmpty else { return [] }
        return clearFilter(.companies)
    }

    mutating func takeLink(_ answer: ControlAnswer) -> [Effect] {
        switch answer {
        case .linked(let identity):
            shell.identity = identity
            shell.linkedAt = shell.now
            shell.link = .up
            shell.isLinking = false
            shell.requests.pending = nil
            let watching: [Effect] = shell.takesPartInRequests ? [.control(.watchRequests)] : []
            guard companies.list.pending == nil else { return watching }
            return loadCompanies(companies.list.placeOfWindow) + watching
        case .linkFailed(let error):
            if error.code == .passwordNeeded, openCompanies.isEmpty {
                lacksPassword = true
                return [.terminal(.quit)]
            }
            return relink(after: error)
        case .linkLost(let error): return shell.isLinking ? [] : relink(after: error)
        default: return []
        }
    }

    mutating func takeCompanies(_ answer: ControlAnswer) -> [Effect] {
        switch answer {
        case .companiesLoaded(let request, let place, let result):
            guard companies.list.pending?.request == request else { return [] }
            let height = Layout(self).listRows
            switch result {
            case .success(let page):
                companies.list.accept(page, at: place, height: height)
                if let effects = selectCreated(from: place) { return effects }
            case .failure(let error):
                let isOvertaken = companies.list.isOvertaken(error)
                companies.list.fail(error.sentence)
                if error.code == .unreachable { return takeLink(.linkLost(error)) }
                if !isOvertaken { report(error) }
            }
            if let next = companies.list.takeQueued() { return loadCompanies(next) }
            guard let wish = companies.list.takeWish(), scope == .companies, shell.overlays.isEmpty else {
                return []
            }
            return perform(wish)
        case .companiesCounted(let search, let count):
            if search == companies.list.meaning.text { companies.count = count }
            return []
        default: return []
        }
    }

    /// Notes that the control connection is gone, and has it tried again, later with each attempt.
    private mutating func relink(after error: TenancyError) -> [Effect] {
        var attempts = 1
        if case .down(_, let before) = shell.link { attempts = before + 1 }
        shell.link = .down(error.message, attempts: attempts)
        shell.isLinking = true
        companies.list.pending = nil
        top?.screen.loseLink()
        shell.requests.pending = nil
        wait?.isBeingRead = false
        companies.activity.pending = nil
        return [.control(.link(after: Backoff.delay(attempt: attempts)))]
    }
}

/// How long to wait before trying a lost connection again.
enum Backoff {
    static func delay(attempt: Int) -> Milliseconds {
        min(4000, 125 << Milliseconds(min(max(0, attempt), 5)))
    }
}
