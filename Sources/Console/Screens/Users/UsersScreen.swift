import Tenancy
import Terminal

/// The users of a company.
struct UsersScreen: TenantScreen, OrderedScreen {
    typealias Row = User

    enum Own: String, OwnCommand { case open, copy, mark, sort, reverseSort, export }

    enum Answer: TenantScreenAnswer {
        typealias Taker = UsersScreen
        case loaded(RequestID, PageRequest<Keyset>.Place, Result<Page<User>, TenancyError>)
        case counted(Count)
    }

    static let scope = Scope.users
    static let bindings: [KeyBinding] =
        .of(
            [.open("open", "Open what is selected")], .scrolling, [.filter], .ordering,
            [.impersonate, .copy, .mark, .export], .columns, .tabs, .inside, .choosing())
    static let arrangement = Arrangement.listBesidePreview
    static let table: ListScreen? = .users

    var list = ListState<User>()
    var sort = User.Sort.name
    var ascending = true

    var title: DisplayText { "" }
    var waitingSince: Milliseconds? { list.pending?.since }
    var isLoaded: Bool { list.isLoaded }
    var person: String? { list.selected?.email }
    var unread: UsersScreen {
        var fresh = UsersScreen()
        (fresh.sort, fresh.ascending, fresh.list.filter) = (sort, ascending, list.filter)
        return fresh
    }
    var elsewhere: UsersScreen {
        var fresh = unread
        fresh.list = list.unread
        return fresh
    }

    var query: UsersQuery {
        UsersQuery(filter: list.meaning.text, sort: sort, ascending: ascending)
    }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        read(list.placeOfWindow, &shell) + (list.total == nil ? [.countUsers] : [])
    }

    mutating func search(_ shell: inout Shell) -> [TenantRequest] { read(.start, &shell) }

    mutating func forgetReads() { list.forgetReads() }

    private mutating func read(_ place: PageRequest<Keyset>.Place, _ shell: inout Shell) -> [TenantRequest] {
        guard let request = list.begin(place, id: shell.nextRequest(), at: shell.now) else { return [] }
        return [.loadUsers(request, query, PageRequest(place, limit: shell.pageLimit))]
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let place, let result):
            guard
                let next = list.take(
                    request, place, result, gone: "The selected user is gone from this list.", &shell)
            else { return [] }
            return read(next, &shell)
        case .counted(let count):
            list.total = count
            return []
        }
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(movement, height: height(shell)).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open:
            guard let user = list.selected else { break }
            shell.passage = .enter(AnyTenantScreen(UserScreen(id: user.id)))
            return []
        case .copy:
            guard let user = list.selected else { break }
            shell.overlays.append(
                .menu(.copying(user, marked: list.marked, record: shell.standing?.newestRecord)))
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
                of: marked.isEmpty ? .users(query) : .markedUsers(marked.map(\.id)), "users",
                ExportForm.words(marked.count, "user", "users", list.meaning.text))
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
        UsersView(self, state: console).draw(into: &canvas, layout)
    }
}

extension User.Sort: ListOrder {
    var startsAscending: Bool { self != .createdAt && self != .lastSeenAt }
}
