import Tenancy
import Terminal

/// The fleet on its way to the newest blueprint: a window onto its companies, and how many stand where.
struct MigrationsScreen: Screen {
    enum Own: String, OwnCommand { case refresh, nextTab, previousTab, copy }

    enum Answer: ScreenAnswer {
        typealias Taker = MigrationsScreen
        case loaded(RequestID, PageRequest<String>.Place, Result<Page<CompanyMigration>, TenancyError>)
        /// How many companies stand where.
        case fleet(RequestID, Result<[FleetShare], TenancyError>)
    }

    static let scope = Scope.migrations
    static let bindings: [KeyBinding] =
        .of(
            .scrolling, [.filter, .copy], .columns,
            [
                KeyBinding(.nextTab, [.tab], "state", "List the companies in the next state", rank: 2),
                KeyBinding(
                    .previousTab, [.backTab], "state before", "List the companies in the state before"),
            ], .administration, .outside, .switching, .reading())
    static let table: ListScreen? = .migrations
    static let arrangement = Arrangement.listOverDetail
    static let headRows = MigrationsView.summaryRows

    /// How often it is read again while a company is being migrated.
    static let pace: Milliseconds = 2000

    var list = ListState<CompanyMigration>()
    var fleet: [FleetShare] = []
    var fleetPending: RequestID?
    /// When the counts came in.
    var readAt: Milliseconds = 0
    /// The state whose companies are listed; nil lists all.
    var shown: CompanyMigration.State?

    var title: DisplayText { "Migrations" }
    var waitingSince: Milliseconds? { list.pending?.since }
    /// It is read again by itself while something is being migrated.
    var wakesAt: Milliseconds? {
        count(.running) > 0 && fleetPending == nil ? readAt + Self.pace : nil
    }

    mutating func load(_ shell: inout Shell) -> [Effect] {
        read(list.placeOfWindow, &shell) + readFleet(&shell)
    }

    mutating func search(_ shell: inout Shell) -> [Effect] { read(.start, &shell) }

    mutating func wake(_ shell: inout Shell) -> [Effect] {
        readFleet(&shell) + (list.pending == nil ? read(list.placeOfWindow, &shell) : [])
    }

    mutating func loseLink() {
        list.pending = nil
        fleetPending = nil
    }

    private mutating func read(_ place: PageRequest<String>.Place, _ shell: inout Shell) -> [Effect] {
        guard let request = list.begin(place, id: shell.nextRequest(), at: shell.now) else { return [] }
        return [
            .control(
                .loadMigrations(
                    request, shown, filter: list.meaning.text, PageRequest(place, limit: shell.pageLimit)))
        ]
    }

    private mutating func readFleet(_ shell: inout Shell) -> [Effect] {
        guard fleetPending == nil else { return [] }
        let request = shell.nextRequest()
        fleetPending = request
        return [.control(.loadFleet(request))]
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        list.move(movement, height: height(shell)).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .refresh: return load(&shell)
        case .nextTab, .previousTab:
            let choices = self.choices
            let place = choices.firstIndex(of: shown) ?? 0
            let step = own == .nextTab ? 1 : choices.count - 1
            shown = choices[(place + step) % choices.count]
            list.restart()
            return read(.start, &shell)
        case .copy:
            if let company = list.selected { shell.overlays.append(.menu(.copying(company))) }
            return []
        }
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect] {
        switch answer {
        case .loaded(let request, let place, let result):
            return list.take(request, place, result, height: height(shell), &shell).map { read($0, &shell) }
                ?? []
        case .fleet(let request, let result):
            guard fleetPending == request else { return [] }
            fleetPending = nil
            readAt = shell.now
            if case .success(let read) = result { fleet = read }
            return []
        }
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        command == .copy ? list.selected != nil : nil
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        MigrationsView(self, state: console).draw(into: &canvas, layout)
    }

    // MARK: The fleet

    var newest: Int? { fleet.first?.target }
    var companies: Int { fleet.reduce(0) { $0 + $1.companies } }
    func count(_ state: CompanyMigration.State) -> Int {
        fleet.filter { $0.state == state }.reduce(0) { $0 + $1.companies }
    }

    /// How many companies the list has, as it is filtered.
    var listed: Int? {
        fleet.isEmpty || !list.meaning.text.isEmpty ? nil : shown.map(count) ?? companies
    }

    /// The filters worth choosing, in their order: all, and the states that some company is in.
    var choices: [CompanyMigration.State?] {
        [nil] + CompanyMigration.State.allCases.filter { count($0) > 0 || $0 == shown }
    }
}

extension CompanyMigration: Anchored {
    var anchor: String { urlID }
}

extension MenuState {
    /// What a ticket may want of a company that was not migrated.
    static func copying(_ company: CompanyMigration) -> MenuState {
        var items = [Item(key: "u", label: "url id", choice: .copy(company.urlID, what: "the url id"))]
        if let failure = company.failure {
            items.append(
                Item(
                    key: "e", label: "error",
                    choice: .copy("\(failure.sqlState) \(failure.message)", what: "the error")))
        }
        return MenuState(title: "Copy", items: items)
    }
}
