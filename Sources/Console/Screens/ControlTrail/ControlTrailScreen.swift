import Tenancy
import Terminal

/// A window onto the engine's own trail, the newest record first.
struct ControlTrailScreen: Screen {
    enum Own: String, OwnCommand { case open, copy, refresh }

    enum Answer: ScreenAnswer {
        typealias Taker = ControlTrailScreen
        case loaded(RequestID, PageRequest<Int64>.Place, Result<Page<AuditRecord>, TenancyError>)
    }

    static let scope = Scope.controlTrail
    static let bindings: [KeyBinding] =
        .of(
            [.open("detail", "Show the whole record")], .scrolling, [.filter, .copy], .columns,
            .administration, .outside, .switching, .reading())
    static let table: ListScreen? = .controlTrail
    static let opensByMouse = true

    var list = ListState<AuditRecord>()
    /// The highest number seen: how many sealed records there are at least.
    var newest: Int64 = 0

    var title: DisplayText { "Control trail" }
    var waitingSince: Milliseconds? { list.pending?.since }

    mutating func load(_ shell: inout Shell) -> [Effect] { read(list.placeOfWindow, &shell) }

    mutating func search(_ shell: inout Shell) -> [Effect] { read(.start, &shell) }

    mutating func loseLink() { list.pending = nil }

    private mutating func read(_ place: PageRequest<Int64>.Place, _ shell: inout Shell) -> [Effect] {
        guard let request = list.begin(place, id: shell.nextRequest(), at: shell.now) else { return [] }
        return [
            .control(
                .loadControlTrail(
                    request, filter: list.meaning.text, PageRequest(place, limit: shell.pageLimit)))
        ]
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        list.move(movement, height: shell.listRows).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .open:
            if let record = list.selected { shell.overlays.append(.record(RecordState(record))) }
            return []
        case .copy:
            if let record = list.selected { shell.overlays.append(.menu(.copying(record))) }
            return []
        case .refresh: return load(&shell)
        }
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect] {
        switch answer {
        case .loaded(let request, let place, let result):
            guard list.pending?.request == request else { return [] }
            if case .success(let page) = result {
                newest = max(newest, page.rows.lazy.compactMap(\.seq).max() ?? 0)
            }
            return list.take(request, place, result, &shell).map { read($0, &shell) } ?? []
        }
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        command == .open || command == .copy ? list.selected != nil : nil
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        ControlTrailView(self, state: console).draw(into: &canvas, layout.list)
    }
}

extension AuditRecord: Anchored {
    var anchor: Int64 { id }
}
