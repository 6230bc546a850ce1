import Tenancy
import Terminal

/// The journeys of a company.
struct JourneysScreen: TenantScreen, OrderedScreen {
    typealias Row = Journey

    enum Own: String, OwnCommand { case open, copy, mark, sort, reverseSort, export }

    enum Answer: TenantScreenAnswer {
        typealias Taker = JourneysScreen
        case loaded(RequestID, PageRequest<Keyset>.Place, Result<Page<Journey>, TenancyError>)
    }

    static let scope = Scope.journeys
    static let bindings: [KeyBinding] =
        .of(
            [.open("open", "Open what is selected")], .scrolling, [.filter], .ordering,
            [.impersonate, .copy, .mark, .export], .columns, .tabs, .inside, .choosing())
    static let table: ListScreen? = .journeys

    var list = ListState<Journey>()
    var sort = Journey.Sort.updatedAt
    var ascending = false

    var title: DisplayText { "" }
    var waitingSince: Milliseconds? { list.pending?.since }
    var isLoaded: Bool { list.isLoaded }
    var unread: JourneysScreen {
        var fresh = JourneysScreen()
        (fresh.sort, fresh.ascending, fresh.list.filter) = (sort, ascending, list.filter)
        return fresh
    }
    var elsewhere: JourneysScreen {
        var fresh = unread
        fresh.list = list.unread
        return fresh
    }

    private var query: JourneysQuery {
        JourneysQuery(filter: list.meaning.text, sort: sort, ascending: ascending)
    }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        read(list.placeOfWindow, &shell)
    }

    mutating func search(_ shell: inout Shell) -> [TenantRequest] { read(.start, &shell) }

    mutating func forgetReads() { list.forgetReads() }

    private mutating func read(_ place: PageRequest<Keyset>.Place, _ shell: inout Shell) -> [TenantRequest] {
        guard let request = list.begin(place, id: shell.nextRequest(), at: shell.now) else { return [] }
        return [.loadJourneys(request, query, PageRequest(place, limit: shell.pageLimit))]
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let place, let result):
            guard
                let next = list.take(
                    request, place, result, gone: "The selected journey is gone from this list.", &shell)
            else { return [] }
            return read(next, &shell)
        }
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(movement, height: height(shell)).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open:
            guard let journey = list.selected else { break }
            shell.goToJourney(journey.id)
            return []
        case .copy:
            guard let journey = list.selected else { break }
            shell.overlays.append(
                .menu(.copying(journey, marked: list.marked, record: shell.standing?.newestRecord)))
            return []
        case .mark:
            guard list.toggleMark() else { break }
            return move(.down, &shell)
        case .sort:
            askForOrder(reversed: false, &shell)
            return []
        case .reverseSort:
            askForOrder(reversed: true, &shell)
            return []
        case .export:
            let marked = list.marked
            shell.askForFile(
                of: marked.isEmpty ? .journeys(query) : .markedJourneys(marked.map(\.id)), "journeys",
                ExportForm.words(marked.count, "journey", "journeys", list.meaning.text))
            return []
        }
        shell.sayNoRow()
        return []
    }

    mutating func clearMarks() -> Bool { list.clearMarks() }

    mutating func order(by name: String, ascending: Bool, _ shell: inout Shell) -> [TenantRequest] {
        reorder(by: name, ascending: ascending) ? read(.start, &shell) : []
    }

    mutating func show(_ kept: [ListScreen: TableShown]) { takeOrder(kept) }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        JourneysView(self, state: console).draw(into: &canvas, layout)
    }
}

extension Journey.Sort: ListOrder {
    var startsAscending: Bool { self != .updatedAt && self != .startedAt }
}
