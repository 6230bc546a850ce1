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
            overlays.append(.form(.createCompany))
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
            return openProof(urlID: company.urlID, companyName: company.name)
        case .copy:
            guard let company = companies.list.selected else {
                return waitForRows(companies.list.keep(command))
            }
            overlays.append(.menu(.copying(company, marked: companies.list.marked)))
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
        guard let request = companies.list.begin(place, id: nextRequest(), at: now) else { return [] }
        let limit = Layout(self).pageLimit
        var effects: [Effect] = [.loadCompanies(request, query, PageRequest(place, limit: limit))]
        if case .start = place { effects.append(.countCompanies(search: query.filter)) }
        return effects
    }

    mutating func clearCompaniesFilter() -> [Effect] {
        if companies.list.clearMarks() { return [] }
        guard !companies.list.filter.isEmpty || companies.list.isFiltering else {
            say("Nothing lies before the companies; \(keys.label(of: .quit)) quits.")
            return []
        }
        companies.list.isFiltering = false
        guard !companies.list.filter.isEmpty else { return [] }
        return clearFilter(.companies)
    }

    mutating func takeControl(_ action: Action) -> [Effect] {
        switch action {
        case .linked(let identity):
            self.identity = identity
            linkedAt = now
            link = .up
            isLinking = false
            requests.pending = nil
            let watching: [Effect] = takesPartInRequests ? [.watchRequests] : []
            guard companies.list.pending == nil else { return watching }
            return loadCompanies(companies.list.placeOfWindow) + watching
        case .linkFailed(let error):
            if error.code == .passwordNeeded, openCompanies.isEmpty {
                lacksPassword = true
                return [.quit]
            }
            return relink(after: error)
        case .linkLost(let error):
            return isLinking ? [] : relink(after: error)
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
                if error.code == .unreachable { return takeControl(.linkLost(error)) }
                if !isOvertaken { report(error) }
            }
            if let next = companies.list.takeQueued() { return loadCompanies(next) }
            guard let wish = companies.list.takeWish(), scope == .companies, overlays.isEmpty else {
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
        if case .down(_, let before) = link { attempts = before + 1 }
        link = .down(error.message, attempts: attempts)
        isLinking = true
        companies.list.pending = nil
        contexts?.pending = nil
        requests.pending = nil
        wait?.isBeingRead = false
        operators?.pending = nil
        controlTrail?.list.pending = nil
        migrations?.list.pending = nil
        migrations?.fleetPending = nil
        companies.activity.pending = nil
        return [.link(after: Backoff.delay(attempt: attempts))]
    }
}

/// How long to wait before trying a lost connection again.
enum Backoff {
    static func delay(attempt: Int) -> Milliseconds {
        min(4000, 125 << Milliseconds(min(max(0, attempt), 5)))
    }
}
