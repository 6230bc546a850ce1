import Tenancy
import Terminal

/// The last line: a notice when there is one, else the keys of this screen, and who works here.
struct BottomLine {
    private let state: ConsoleState

    init(_ state: ConsoleState) { self.state = state }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let who = whoText
        let whoStart = area.endColumn - who.columns - 1
        canvas.write(who, row: area.row, column: whoStart, style: .muted)
        var room = max(0, whoStart - area.column - 2)
        if let mark = state.requestsMark, room > mark.columns + 20 {
            room -= mark.columns + 2
            canvas.write(
                mark, row: area.row, column: whoStart - mark.columns - 2, style: Style(.accent).bold)
        }
        if let notice = state.notice {
            canvas.write(
                notice.text, row: area.row, column: area.column + 1, width: room, style: notice.kind.style)
            return
        }
        if let opening = state.opening,
            let picture = Spinner.picture(since: opening.since, now: state.now, ascii: canvas.glyphs.isASCII)
        {
            let text = picture + " opening a context · esc cancels"
            canvas.write(text, row: area.row, column: area.column + 1, width: room, style: Style(.accent))
            return
        }
        if let line = state.exportLine(ascii: canvas.glyphs.isASCII) {
            canvas.write(line, row: area.row, column: area.column + 1, width: room, style: Style(.accent))
            return
        }
        if let failure = state.linkFailure {
            canvas.write(failure, row: area.row, column: area.column + 1, width: room, style: Style(.error))
            return
        }
        var column = area.column + 1
        for hint in fitting(room) {
            canvas.write(hint.keys, row: area.row, column: column, style: Style(.key).bold)
            canvas.write(hint.label, row: area.row, column: column + hint.keys.columns + 1, style: .muted)
            column += width(hint)
        }
    }

    /// The hints that find room: before all others the way to the help, where every key stands, or the way out.
    private func fitting(_ room: Int) -> [Hint] {
        let hints = hints.map { ($0.keys.spelledOut(where: state.glyphs), $0.label) }
        let first = hints.firstIndex { $0.1 == "help" } ?? hints.firstIndex { $0.0 == "esc" }
        var chosen = Set(first.map { [$0] } ?? [])
        var left = room - (first.map { width(hints[$0]) } ?? 0)
        for (index, hint) in hints.enumerated() where index != first && width(hint) <= left {
            chosen.insert(index)
            left -= width(hint)
        }
        return chosen.sorted().map { hints[$0] }
    }

    private func width(_ hint: Hint) -> Int { hint.keys.columns + 1 + hint.label.columns + 2 }

    typealias Hint = (keys: DisplayText, label: DisplayText)

    private var whoText: DisplayText {
        let name = DisplayText(state.operatorName).truncated(to: 24)
        guard let level = state.identity?.level else { return name }
        return "\(name) · \(level.rawValue)"
    }

    /// The keys worth showing, most useful first; every one of them works on this screen.
    private var hints: [(keys: DisplayText, label: DisplayText)] {
        if let hints = state.hintsOverScreen { return hints }
        return state.keys.bindings(in: state.scope)
            .filter { $0.rank != nil && state.permits($0.command) && state.offers($0.command) }
            .sorted { rank($0) < rank($1) }
            .compactMap { binding in binding.keys.first.map { ($0.label, words(for: binding)) } }
    }

    /// What a command is called here: after the end of a context there is a word for each way on.
    private func words(for binding: KeyBinding) -> DisplayText {
        guard state.scope == .ended, binding.command == .open else { return binding.label }
        return state.context?.open.purpose == .impersonation ? "your own context" : "fresh token"
    }

    /// The table's order, but for the ways out of an impersonation: more time comes first once the countdown warns.
    private func rank(_ binding: KeyBinding) -> Int {
        let rank = 2 * (binding.rank ?? 0)
        guard state.isImpersonating, let context = state.context else { return rank }
        let isRunningOut = Countdown.role(context.millisecondsLeft(at: state.now)) != .countdownOk
        return switch binding.command {
        case .extendImpersonation where isRunningOut: 1
        case .endImpersonation: 3
        default: rank
        }
    }
}

extension ConsoleState {
    /// Whether a command makes sense right now, so that the bottom line offers nothing that would only be refused.
    func offers(_ command: Command) -> Bool {
        let own: Bool? =
            if let screen = controlScreen {
                screen.screen.offers(command, shell)
            } else {
                context?.screen?.screen.offers(command, shell)
            }
        if let own { return own && permits(command) }
        if scope == .ended {
            let wasImpersonating = context?.open.purpose == .impersonation
            switch command {
            case .extendImpersonation: return wasImpersonating
            case .back: return !wasImpersonating
            case .nextCompany, .previousCompany, .endImpersonation: break
            default: return [.open, .help, .palette].contains(command)
            }
        }
        return switch command {
        case .endImpersonation: openCompanies.contains(where: \.isImpersonating)
        case .extendImpersonation: isImpersonating && !hasScreenOnTop
        case .nextCompany, .previousCompany: !others.isEmpty
        case .companies: context != nil
        case .closeCompany:
            context != nil || companies.list.selected.map { openCompany($0.urlID) != nil } == true
        case .impersonate: !isImpersonating && identity?.level.mayImpersonate != false
        case .edit: context?.open.access == .readWrite
        case .freshToken: !isImpersonating
        case .back: context != nil || hasScreenOnTop
        case .createCompany, .administer, .addOperator, .adminMenu, .prove: permits(command)
        case .operators: permits(command) && scope != .operators
        case .controlTrail: permits(command) && scope != .controlTrail
        case .migrations: permits(command) && scope != .migrations
        case .requests: shell.takesPartInRequests && scope != .requests
        case .sort: sorts
        case .filter: filterable != nil
        case .export, .mark: listScreen?.hasMarks == true
        case .columns: listScreen != nil
        default: true
        }
    }

    /// Whether the list on screen can be put into another order.
    private var sorts: Bool {
        if top != nil { return listScreen?.columns.contains { $0.sort != nil } == true }
        return listScreen != nil || scope == .tables
    }

    /// That somebody waits for this operator, or this operator for somebody; nil where the requests are on screen.
    var requestsMark: DisplayText? {
        guard scope != .requests, !isWaitShown else { return nil }
        let key = shell.keys.label(of: .requests)
        switch shell.requests.forMe {
        case 0:
            switch wait?.request.state {
            case .pending: return "\(key) waiting"
            case .approved: return "\(key) approved"
            default: return nil
            }
        case 1: return "\(key) 1 request"
        case let count: return "\(key) \(String(count)) requests"
        }
    }

    /// That the control connection is lost, and that it is tried again.
    var linkFailure: DisplayText? {
        guard case .down(_, let attempts) = link else { return nil }
        let seconds = Double(Backoff.delay(attempt: attempts)) / 1000
        return "No connection to the database; attempt \(String(attempts)) failed, the next within "
            + "\(seconds < 1 ? "a second" : "\(String(Int(seconds))) s")."
    }

    /// What the server or the network said of it.
    var linkReason: DisplayText? {
        guard case .down(let message, _) = link else { return nil }
        return DisplayText(message)
    }
}

extension ConsoleState.Notice.Kind {
    var style: Style {
        switch self {
        case .done: Style(.ok)
        case .warning: Style(.warn)
        case .failure: Style(.error)
        }
    }
}
