import Tenancy
import Terminal

/// One journey: its steps on a time line.
struct JourneyScreen: TenantScreen {
    enum Own: String, OwnCommand { case copy, edit }

    enum Answer: TenantScreenAnswer {
        typealias Taker = JourneyScreen
        case loaded(RequestID, Result<JourneyDetail?, TenancyError>)
    }

    static let scope = Scope.journey
    static let bindings: [KeyBinding] =
        .of([.impersonate, .edit, .copy], .inside, .reading())
    static let opensByMouse = false

    let id: Int64
    private(set) var detail: JourneyDetail?
    /// Its steps.
    var list = PlainList<JourneyStep>()
    private(set) var reading = Reading()
    private(set) var isMissing = false

    init(id: Int64) { self.id = id }

    var title: DisplayText { detail.map { DisplayText($0.journey.name) } ?? "" }
    var waitingSince: Milliseconds? { reading.waitingSince }
    var isLoaded: Bool { detail != nil }
    var unread: JourneyScreen { JourneyScreen(id: id) }
    var elsewhere: JourneyScreen {
        var fresh = unread
        fresh.list.selected = list.selected
        return fresh
    }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        [.loadJourney(reading.begin(&shell), id)]
    }

    mutating func forgetReads() { reading.forget() }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let result):
            if let read = reading.take(request, result, &shell) { show(read) }
            return []
        }
    }

    private mutating func show(_ read: JourneyDetail?) {
        isMissing = read == nil
        guard let read else { return }
        detail = read
        list.rows = read.steps
        if list.selectedIndex == nil {
            // The step that needs attention: where it stalled, else where it is.
            list.selected = (read.steps.needingAttention ?? read.steps.first)?.id
        }
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(by: movement.rows(of: list.count))
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .copy:
            var menu = MenuState.copying(
                nil, journey: detail?.journey, record: shell.standing?.newestRecord)
            if let note = list.selectedRow?.note, !note.isEmpty {
                menu.items.append(
                    .init(key: "n", label: "note of the step", choice: .copy(note, what: "the note")))
            }
            shell.overlays.append(.menu(menu))
        case .edit:
            guard shell.mayChange(), let step = list.selectedRow, let whole = detail?.journey else {
                return []
            }
            let items: [MenuState.Item] = .changes(of: step, in: whole)
            if items.isEmpty {
                shell.say(
                    "Step \(String(step.position)) is \(step.state.rawValue): nothing is left to change.",
                    .warning)
            } else {
                shell.overlays.append(.menu(MenuState(title: "Change", items: items)))
            }
        }
        return []
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        command == .filter ? false : nil
    }

    func rowsOnScreen(_ layout: Layout, _ console: ConsoleState) -> RowsOnScreen? {
        JourneyView.rows(of: self, in: layout.body, at: console.serverNow)
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        JourneyView(self, state: console).draw(into: &canvas, layout.body)
        return nil
    }
}

extension Shell {
    mutating func goToJourney(_ id: Int64) { passage = .enter(AnyTenantScreen(JourneyScreen(id: id))) }
}

extension [JourneyStep] {
    /// The step where a journey stands: the stalled one, else the active one.
    var needingAttention: JourneyStep? {
        first { $0.state == .stalled } ?? first { $0.state == .active }
    }
}

extension [MenuState.Item] {
    /// What an impersonating agent can do to a step.
    static func changes(of step: JourneyStep, in journey: Journey) -> [MenuState.Item] {
        let name = "\(String(step.position)) “\(DisplayText(step.name))”"
        let detail: [DisplayText] = ["Journey \(DisplayText(journey.name)), step \(name)"]
        var items: [MenuState.Item] = []
        if step.state == .stalled || step.state == .active {
            items.append(
                .init(
                    key: "r", label: "retry step \(name)",
                    choice: .confirm(
                        .changeStep(step, .retry, said: "Step \(name) is being tried again."),
                        question: "Retry step \(name)?", detail: detail)))
            items.append(
                .init(
                    key: "c", label: "complete step \(name)",
                    choice: .confirm(
                        .changeStep(step, .complete, said: "Step \(name) is complete."),
                        question: "Complete step \(name)?", detail: detail)))
        }
        if step.state != .done && step.state != .cancelled {
            items.append(
                .init(
                    key: "x", label: "cancel step \(name)",
                    choice: .confirm(
                        .changeStep(step, .cancel, said: "Step \(name) is cancelled."),
                        question: "Cancel step \(name)?", detail: detail)))
        }
        return items
    }
}
