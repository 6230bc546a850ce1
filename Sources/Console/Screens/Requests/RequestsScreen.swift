import Tenancy
import Terminal

/// The requests on screen: seen, decided, withdrawn, begun.
struct RequestsScreen: Screen {
    typealias Answer = Never

    enum Own: String, OwnCommand { case refresh, approve, deny, withdraw, open, sort, reverseSort }

    static let scope = Scope.requests
    static let bindings: [KeyBinding] =
        .of(
            .scrolling, [.filter], .ordering, .columns,
            [
                KeyBinding(
                    .approve, [.character("a")], "approve", "Approve the selected request, with a reason",
                    rank: 1),
                KeyBinding(
                    .deny, [.character("x")], "deny", "Deny the selected request, with a reason", rank: 2),
                .open("begin", "Begin what was approved for you", rank: 3),
                KeyBinding(
                    .withdraw, [.character("w")], "withdraw", "Withdraw a request of your own", rank: 4),
            ], .administration, .outside, .reading())
    static let table: ListScreen? = .requests
    static let arrangement = Arrangement.listOverDetail

    var list = ShortList<ApprovalRequest>()

    init(_ inbox: RequestsInbox) { show(inbox) }

    var title: DisplayText { "Requests" }
    var waitingSince: Milliseconds? { list.reading.waitingSince }
    var ticks: Bool { !list.rows.isEmpty }
    var selectedRecord: ApprovalRequest? { list.selectedRow }

    mutating func load(_ shell: inout Shell) -> [Effect] {
        defer { show(shell.requests) }
        return shell.requests.load(shell.nextRequest(), at: shell.now)
    }

    mutating func loseLink() { list.reading.forget() }

    /// Shows what came into the inbox.
    private mutating func show(_ inbox: RequestsInbox) {
        if list.rows != inbox.rows { list.rows = inbox.rows }
        list.reading = Reading(
            isLoaded: inbox.isLoaded, pending: inbox.pending, since: inbox.since, failure: inbox.failure)
    }

    mutating func note(_ shell: Shell) { show(shell.requests) }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        list.move(movement, height: shell.listRows)
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .refresh: return load(&shell)
        case .approve: askAbout(approve: true, &shell)
        case .deny: askAbout(approve: false, &shell)
        case .withdraw: askToWithdraw(&shell)
        case .open: claim(&shell)
        case .sort: return shell.order(&list, reversed: false, keptFor: .requests)
        case .reverseSort: return shell.order(&list, reversed: true, keptFor: .requests)
        }
        return []
    }

    /// A reason is typed first, and `y` decides afterwards.
    private func askAbout(approve: Bool, _ shell: inout Shell) {
        guard let request = selectedRecord else { return }
        guard request.mayDecide else {
            shell.say(
                request.operatorName == shell.operatorName
                    ? "Nobody decides about a request of their own; \(shell.keys.label(of: .withdraw)) withdraws it."
                    : "This request is decided already.", .warning)
            return
        }
        let who = DisplayText(request.operatorName).truncated(to: 24)
        shell.ask(
            ConfirmState(
                subject: .decide(request: request.id, approve: approve),
                question: approve ? "Approve the request of \(who)?" : "Deny the request of \(who)?",
                detail: [
                    "\(DisplayText(request.companyName)), \(String(request.minutes)) min"
                        + (request.ticket.map { ", \(DisplayText($0))" } ?? ""),
                    "“\(DisplayText(request.reason))”",
                ], reason: TextField(limit: 300), askedAtFrame: shell.frames))
    }

    private func askToWithdraw(_ shell: inout Shell) {
        guard let request = selectedRecord else { return }
        guard request.operatorName == shell.operatorName else {
            shell.say(
                "This is another operator's request; \(shell.keys.label(of: .deny)) denies it.", .warning)
            return
        }
        shell.ask(
            ConfirmState(
                subject: .withdraw(request: request.id), question: "Withdraw your request?",
                detail: ["For \(DisplayText(request.companyName))."], reason: nil, askedAtFrame: shell.frames)
        )
    }

    private func claim(_ shell: inout Shell) {
        guard let request = selectedRecord else { return }
        guard mayClaim(request, shell) else {
            shell.say(
                request.mayDecide
                    ? "\(shell.keys.label(of: .approve)) approves it, \(shell.keys.label(of: .deny)) denies it; "
                        + "each with a reason." : "It waits for a second operator.",
                .warning)
            return
        }
        shell.passage = .claim(request)
    }

    private func mayClaim(_ request: ApprovalRequest, _ shell: Shell) -> Bool {
        request.state == .approved && request.operatorName == shell.operatorName
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .approve, .deny: selectedRecord?.mayDecide == true
        case .open: selectedRecord.map { mayClaim($0, shell) } == true
        case .withdraw: selectedRecord?.operatorName == shell.operatorName
        default: nil
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        RequestsView(self, state: console).draw(into: &canvas, layout)
    }
}

extension ApprovalRequest: ShortRow {
    var texts: [String?] {
        [operatorName, companyName, urlID, user, reason, ticket, state.rawValue, decidedBy, decision]
    }

    static var orders: [(@Sendable (ApprovalRequest, ApprovalRequest) -> Bool)?] {
        [
            { $0.operatorName < $1.operatorName }, { $0.companyName < $1.companyName },
            { $0.user ?? "" < $1.user ?? "" }, { $0.reason < $1.reason },
            { $0.ticket ?? "" < $1.ticket ?? "" }, { $0.minutes < $1.minutes },
            { $0.state.rawValue < $1.state.rawValue }, { $0.expiresAt < $1.expiresAt },
        ]
    }
}
