import Tenancy
import Terminal

/// The companies: the screen that everything begins from.
struct CompaniesScreen: Screen, OrderedScreen {
    typealias Row = Company

    enum Own: String, OwnCommand {
        case open, impersonate, administer, prove, copy, mark, createCompany, sort, reverseSort, export,
            refresh
    }

    enum Answer: Sendable {
        case loaded(RequestID, PageRequest<String>.Place, Result<Page<Company>, TenancyError>)
        case counted(search: String, Int)
    }

    static let scope = Scope.companies
    static let bindings: [KeyBinding] =
        .of(
            [.open("open", "Enter with a fresh token, or go to it where it is open")], .scrolling, [.filter],
            .ordering, [.impersonate, .copy, .mark, .export], .columns,
            [
                KeyBinding(
                    .createCompany, [.character("n")], "create", "Create a company (admin)", rank: 6),
                KeyBinding(
                    .administer, [.character("e")], "administer",
                    "Rename, suspend, resume, policy, signing key (admin)", rank: 7),
                KeyBinding(
                    .adminMenu, [.character("m")], "admin", "List what an admin can do here, by its keys",
                    rank: 5),
                .prove,
            ], .outside, .switching, [.closeCompany], .choosing())
    static let table: ListScreen? = .companies
    static let arrangement = Arrangement.listBesidePreview
    static let opensByMouse = true
    static let opensFromFilter = true
    static let stopsAtOnce = true

    var list = ListState<Company>()
    var sort = Company.Sort.name
    var ascending = true
    /// How many match, by the search they were counted for.
    private(set) var count: Int?
    /// A company to be selected as soon as the list has it: one that was created here, or that was left.
    private(set) var wanted: String?
    var activity = CompanyActivity()
    /// The export of companies that runs.
    var export: ExportRun?

    var title: DisplayText { "Companies" }
    var waitingSince: Milliseconds? { list.pending?.since }
    var query: CompaniesQuery {
        CompaniesQuery(filter: list.meaning.text, sort: sort, ascending: ascending)
    }

    // MARK: Reading

    mutating func load(_ shell: inout Shell) -> [Effect] {
        activity = CompanyActivity()
        return read(list.placeOfWindow, &shell)
    }

    mutating func search(_ shell: inout Shell) -> [Effect] {
        count = nil
        return read(.start, &shell)
    }

    mutating func loseLink() {
        list.pending = nil
        activity.pending = nil
    }

    /// Reads a page of companies, or keeps the wish until the page on its way is in.
    mutating func read(_ place: PageRequest<String>.Place, _ shell: inout Shell) -> [Effect] {
        let query = self.query
        guard let request = list.begin(place, id: shell.nextRequest(), at: shell.now) else { return [] }
        let page = PageRequest(place, limit: shell.pageLimit)
        var effects: [Effect] = [.control(.loadCompanies(request, query, page))]
        if case .start = place { effects.append(.control(.countCompanies(search: query.filter))) }
        return effects
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect] {
        switch answer {
        case .loaded(let request, let place, let result):
            guard list.pending?.request == request else { return [] }
            switch result {
            case .success(let page):
                list.accept(page, at: place, height: height(shell))
                if let effects = selectWanted(from: place, &shell) { return effects }
            case .failure(let error):
                // That the connection is lost is said by itself.
                if !list.isOvertaken(error), error.code != .unreachable { shell.report(error) }
                list.fail(error.sentence)
            }
            return list.takeQueued().map { read($0, &shell) } ?? []
        case .counted(let search, let count):
            if search == list.meaning.text { self.count = count }
            return []
        }
    }

    // MARK: One company

    /// Has a company read and selected, wherever the list stands; a filter that may hide it goes.
    ///
    /// - Returns: what is asked for, and whether there was a filter.
    mutating func show(_ urlID: String, _ shell: inout Shell) -> (effects: [Effect], hadFilter: Bool) {
        wanted = urlID
        let hadFilter = !list.filter.isEmpty
        if hadFilter {
            list.setFiltering(false)
            list.filter.clear()
            list.restart()
            count = nil
        }
        return (read(list.placeOfWindow, &shell), hadFilter)
    }

    /// Selects the wanted company once it is in; where the page does not have it, the page is read that begins with it.
    private mutating func selectWanted(
        from place: PageRequest<String>.Place, _ shell: inout Shell
    ) -> [Effect]? {
        guard let wanted else { return nil }
        let height = self.height(shell)
        guard list.rows.contains(where: { $0.urlID == wanted }) else {
            guard place != .from(wanted), list.queued == nil else {
                if list.queued == nil { self.wanted = nil }
                return nil
            }
            return read(.from(wanted), &shell)
        }
        self.wanted = nil
        list.select(wanted, height: height)
        // Near the end of the list it would stand on an almost empty screen.
        guard list.rows.count < height, list.hasEarlier, list.queued == nil, let first = list.rows.first
        else { return nil }
        return read(.before(first.anchor), &shell)
    }

    // MARK: Commands

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        list.move(movement, height: height(shell)).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .open: if let company = chosen(&shell) { shell.passage = .company(company.urlID) }
        case .impersonate: if let company = chosen(&shell) { shell.passage = .impersonate(company) }
        case .administer:
            if let company = chosen(&shell) { shell.overlays.append(.menu(.administering(company))) }
        case .prove: if let company = chosen(&shell) { shell.passage = .prove(company) }
        case .copy:
            guard let company = chosen(&shell) else { break }
            shell.overlays.append(.menu(.copying(company, marked: list.marked)))
        case .mark:
            guard chosen(&shell) != nil else { break }
            _ = list.toggleMark()
            return move(.down, &shell)
        case .createCompany: shell.open(.createCompany)
        case .sort: askForOrder(reversed: false, &shell)
        case .reverseSort: askForOrder(reversed: true, &shell)
        case .export:
            let marked = list.marked
            shell.askForFile(
                of: marked.isEmpty ? .companies(query) : .markedCompanies(marked.map(\.urlID)), "companies",
                ExportForm.words(marked.count, "company", "companies", list.meaning.text))
        case .refresh: return load(&shell)
        }
        return []
    }

    /// The selected company; where there is none, that is said.
    private func chosen(_ shell: inout Shell) -> Company? {
        if list.selected == nil { shell.sayNoRow() }
        return list.selected
    }

    /// Orders the list by a column, from the beginning; nil where there is no such one.
    mutating func order(by name: String, ascending: Bool, _ shell: inout Shell) -> [Effect]? {
        reorder(by: name, ascending: ascending) ? read(.start, &shell) : nil
    }

    mutating func clearMarks() -> Bool { list.clearMarks() }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        CompaniesView(console).draw(into: &canvas, layout)
    }
}

extension Company.Sort: ListOrder {
    var startsAscending: Bool { self != .users && self != .createdAt }
}
