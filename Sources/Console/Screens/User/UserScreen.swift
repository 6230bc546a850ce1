import Tenancy
import Terminal

/// One user: who it is, and each journey with its steps.
struct UserScreen: TenantScreen {
    enum Own: String, OwnCommand { case open, copy, edit }

    enum Answer: TenantScreenAnswer {
        typealias Taker = UserScreen
        case loaded(RequestID, Result<UserDetail?, TenancyError>)
    }

    static let scope = Scope.user
    static let bindings: [KeyBinding] =
        .of(
            [
                KeyBinding(
                    .open, [.enter, .character("l"), .right], "open", "Open what is selected", rank: 1),
                .impersonate, .edit, .copy,
            ], .inside, .reading())

    let id: Int64
    private(set) var detail: UserDetail?
    /// The user's journeys.
    var list = PlainList<Journey>()
    private(set) var reading = Reading()
    private(set) var isMissing = false

    init(id: Int64) { self.id = id }

    var title: DisplayText { detail.map { DisplayText($0.user.name) } ?? "" }
    var waitingSince: Milliseconds? { reading.waitingSince }
    var isLoaded: Bool { detail != nil }
    var person: String? { detail?.user.email }
    var unread: UserScreen { UserScreen(id: id) }
    var elsewhere: UserScreen {
        var fresh = unread
        fresh.list.selected = list.selected
        return fresh
    }

    func steps(of journey: Int64) -> [JourneyStep] {
        detail?.steps.filter { $0.journeyID == journey } ?? []
    }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] { [.loadUser(reading.begin(&shell), id)] }

    mutating func forgetReads() { reading.forget() }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let result):
            if let read = reading.take(request, result, &shell) { show(read) }
            return []
        }
    }

    private mutating func show(_ read: UserDetail?) {
        isMissing = read == nil
        guard let read else { return }
        detail = read
        list.rows = read.journeys
        if list.selectedIndex == nil {
            // The one that needs attention first: a stalled one, else the newest.
            list.selected = (list.rows.first { $0.status == .stalled } ?? list.rows.first)?.id
        }
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(by: movement.rows(of: list.count))
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open:
            if let journey = list.selectedRow {
                shell.goToJourney(journey.id)
            }
        case .copy:
            shell.overlays.append(
                .menu(
                    .copying(
                        detail?.user, journey: list.selectedRow, record: shell.standing?.newestRecord)))
        case .edit: edit(&shell)
        }
        return []
    }

    /// The changes that the screen offers: the user, and the step where the selected journey stands.
    private func edit(_ shell: inout Shell) {
        guard shell.mayChange(), let person = detail?.user else { return }
        var items: [MenuState.Item] = []
        let name = DisplayText(person.name)
        switch person.status {
        case .suspended:
            items.append(
                .init(
                    key: "s", label: "make \(name) active again",
                    choice: .confirm(
                        .setStatus(.active, user: person.id, said: "\(name) is active again."),
                        question: "Make \(name) active again?", detail: [])))
        default:
            items.append(
                .init(
                    key: "s", label: "suspend \(name)",
                    choice: .confirm(
                        .setStatus(.suspended, user: person.id, said: "\(name) is suspended."),
                        question: "Suspend \(name)?",
                        detail: ["\(DisplayText(person.email)) can no longer sign in."])))
        }
        if let journey = list.selectedRow, let step = steps(of: journey.id).needingAttention {
            items += .changes(of: step, in: journey)
        }
        shell.overlays.append(.menu(MenuState(title: "Change", items: items)))
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        command == .filter ? false : nil
    }

    func rowsOnScreen(_ layout: Layout, _ console: ConsoleState) -> RowsOnScreen? {
        UserView.rows(of: self, in: layout.body)
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        UserView(self, state: console).draw(into: &canvas, layout.body)
        return nil
    }
}
