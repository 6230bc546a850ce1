import Tenancy
import Terminal

extension ConsoleState {
    mutating func performInUser(_ command: Command) -> [Effect] {
        guard let current = context, case .user(var user) = current.path.last else { return [] }
        if current.ended != nil { return performAfterEnd(command) }
        if let effects = performInsideCompany(command) { return effects }
        switch command {
        case .open:
            guard let journey = user.selectedJourney else { return [] }
            context?.path.append(.journey(JourneyState(id: journey.id)))
            return loadJourney()
        case .refresh: return reloadScreen()
        case .copy:
            shell.overlays.append(
                .menu(
                    .copying(
                        user.detail?.user, journey: user.selectedJourney, record: current.audit.newestRecord))
            )
            return []
        case .edit:
            return editUser(user)
        default:
            guard let index = user.selectedIndex, let delta = command.rows(of: user.journeys.count) else {
                return []
            }
            user.selected = user.journeys[min(max(0, index + delta), user.journeys.count - 1)].id
            context?.path[current.path.count - 1] = .user(user)
            return []
        }
    }

    /// The changes that the user's screen offers: the user, and the step where the selected journey stands.
    private mutating func editUser(_ user: UserState) -> [Effect] {
        guard mayChange(), let person = user.detail?.user else { return [] }
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
        case .active, .invited:
            items.append(
                .init(
                    key: "s", label: "suspend \(name)",
                    choice: .confirm(
                        .setStatus(.suspended, user: person.id, said: "\(name) is suspended."),
                        question: "Suspend \(name)?",
                        detail: ["\(DisplayText(person.email)) can no longer sign in."])))
        }
        if let journey = user.selectedJourney, let step = user.steps(of: journey.id).needingAttention {
            items += .changes(of: step, in: journey)
        }
        shell.overlays.append(.menu(MenuState(title: "Change", items: items)))
        return []
    }

    /// Whether something may be changed now; else a notice says why not.
    mutating func mayChange() -> Bool {
        guard let context else { return false }
        if context.open.access != .readWrite {
            say(
                isImpersonating
                    ? "The policy of this company allows reading only."
                    : "This context is read-only. Impersonate (\(shell.keys.label(of: .impersonate))) with a written reason "
                        + "to change something.",
                .warning)
            return false
        }
        if context.isInterrupted {
            say("Nothing was changed: the connection is lost. Try again when it is back.", .failure)
            return false
        }
        if context.isChanging {
            say("The change before this one is still on its way.", .warning)
            return false
        }
        return true
    }
}

extension Command {
    /// How many rows a command of movement moves a short list of `count` rows; nil for other commands.
    func rows(of count: Int) -> Int? {
        switch self {
        case .down: 1
        case .up: -1
        case .pageDown, .halfPageDown: 5
        case .pageUp, .halfPageUp: -5
        case .first: -count
        case .last: count
        default: nil
        }
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
