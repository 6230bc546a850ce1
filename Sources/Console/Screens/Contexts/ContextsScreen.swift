import Tenancy
import Terminal

/// The contexts that are open: one's own, or everybody's for an admin.
struct ContextsScreen: Screen {
    enum Own: String, OwnCommand { case refresh, endContext, copy, mark, sort, reverseSort }

    enum Answer: ScreenAnswer {
        typealias Taker = ContextsScreen
        case loaded(RequestID, Result<[ContextRecord], TenancyError>)
    }

    static let scope = Scope.contexts
    static let bindings: [KeyBinding] =
        .of(
            .scrolling, [.filter], .ordering, [.copy, .mark], .columns,
            [
                KeyBinding(.endContext, [.character("x")], "end it", "End the selected context", rank: 1)
            ], .administration, .outside, .switching, .choosing())
    static let table: ListScreen? = .contexts
    static let arrangement = Arrangement.listOverDetail

    /// The company that the question was asked from: who is inside it comes first.
    var customer: String?
    var list = ShortList<ContextRecord>()
    /// The contexts that are marked, to be ended together.
    var marked: Set<String> = []

    init(customer: String?) { self.customer = customer }

    var title: DisplayText { "Contexts" }
    var waitingSince: Milliseconds? { list.reading.waitingSince }
    var ticks: Bool { !list.rows.isEmpty }
    var selectedRecord: ContextRecord? { list.selectedRow }

    mutating func load(_ shell: inout Shell) -> [Effect] {
        [.control(.loadContexts(list.reading.begin(&shell), liveOnly: true))]
    }

    mutating func clearMarks() -> Bool {
        defer { marked = [] }
        return !marked.isEmpty
    }

    mutating func loseLink() { list.reading.forget() }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        list.move(movement, height: shell.listRows)
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .refresh: return load(&shell)
        case .endContext:
            askToEnd(&shell)
            return []
        case .copy:
            if let record = selectedRecord { shell.overlays.append(.menu(.copying(record))) }
            return []
        case .mark:
            guard let jti = selectedRecord?.jti else { return [] }
            if marked.remove(jti) == nil { marked.insert(jti) }
            list.move(by: 1, height: shell.listRows)
            return []
        case .sort: return shell.order(&list, reversed: false, keptFor: .contexts)
        case .reverseSort: return shell.order(&list, reversed: true, keptFor: .contexts)
        }
    }

    /// Asks for one reason for all that are marked, or for the selected one.
    private func askToEnd(_ shell: inout Shell) {
        let chosen =
            marked.isEmpty ? [selectedRecord].compactMap { $0 } : list.rows.filter { marked.contains($0.jti) }
        guard let first = chosen.first else { return }
        let age = { (record: ContextRecord) in Moment.clock(record.openedAt ?? record.issuedAt) }
        let question: DisplayText
        var detail: [DisplayText]
        if chosen.count == 1 {
            question = "End the context of \(DisplayText(first.operatorName))?"
            detail = [
                "In \(DisplayText(first.companyName)), \(first.purpose.rawValue), open since \(age(first)), "
                    + "id \(DisplayText(String(first.jti.prefix(8))))."
            ]
        } else {
            question = "End \(String(chosen.count)) contexts?"
            detail = chosen.prefix(6).map {
                "\(DisplayText($0.operatorName)) in \(DisplayText($0.companyName)), since \(age($0))"
            }
            if chosen.count > 6 { detail.append("and \(String(chosen.count - 6)) more") }
        }
        shell.ask(
            ConfirmState(
                subject: .endContexts(chosen.map(\.jti)), question: question, detail: detail,
                reason: TextField(limit: 300), askedAtFrame: shell.frames))
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect] {
        switch answer {
        case .loaded(let request, let result):
            guard let records = list.reading.take(request, result, &shell) else { return [] }
            list.rows = records.filter { $0.urlID == customer } + records.filter { $0.urlID != customer }
            marked.formIntersection(records.map(\.jti))
            return []
        }
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .endContext, .copy, .mark: selectedRecord != nil
        default: nil
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        ContextsView(self, state: console).draw(into: &canvas, layout)
    }
}

extension ContextRecord: ShortRow {
    var texts: [String?] { [operatorName, companyName, urlID, purpose.rawValue, subject, reason, ticket] }

    static var orders: [(@Sendable (ContextRecord, ContextRecord) -> Bool)?] {
        [
            { $0.operatorName < $1.operatorName }, { $0.companyName < $1.companyName },
            { $0.purpose.rawValue < $1.purpose.rawValue }, { $0.subject ?? "" < $1.subject ?? "" },
            { $0.reason ?? "" < $1.reason ?? "" },
            { $0.openedAt ?? $0.issuedAt < $1.openedAt ?? $1.issuedAt }, { $0.expiresAt < $1.expiresAt },
        ]
    }
}

extension MenuState {
    /// What a ticket may want of a context.
    static func copying(_ record: ContextRecord) -> MenuState {
        var items = [
            Item(key: "i", label: "id", choice: .copy(record.jti, what: "the context's id")),
            Item(key: "o", label: "operator", choice: .copy(record.operatorName, what: "the operator")),
            Item(key: "u", label: "url id", choice: .copy(record.urlID, what: "the url id")),
        ]
        if let reason = record.reason {
            items.append(Item(key: "r", label: "reason", choice: .copy(reason, what: "the reason")))
        }
        return MenuState(title: "Copy", items: items)
    }
}
