import Tenancy
import Terminal

extension ConsoleState {
    mutating func performInJourney(_ command: Command) -> [Effect] {
        guard let current = context, case .journey(var journey) = current.path.last else { return [] }
        if current.ended != nil { return performAfterEnd(command) }
        if let effects = performInsideCompany(command) { return effects }
        switch command {
        case .refresh: return reloadScreen()
        case .copy:
            var menu = MenuState.copying(
                nil, journey: journey.detail?.journey, record: current.audit.newestRecord)
            if let note = journey.selectedStep?.note, !note.isEmpty {
                menu.items.append(
                    .init(key: "n", label: "note of the step", choice: .copy(note, what: "the note")))
            }
            shell.overlays.append(.menu(menu))
            return []
        case .edit:
            guard mayChange(), let step = journey.selectedStep, let whole = journey.detail?.journey else {
                return []
            }
            let items: [MenuState.Item] = .changes(of: step, in: whole)
            if items.isEmpty {
                say(
                    "Step \(String(step.position)) is \(step.state.rawValue): nothing is left to change.",
                    .warning)
            } else {
                shell.overlays.append(.menu(MenuState(title: "Change", items: items)))
            }
            return []
        default:
            guard let index = journey.selectedIndex, let delta = command.rows(of: journey.steps.count) else {
                return []
            }
            journey.selected = journey.steps[min(max(0, index + delta), journey.steps.count - 1)].id
            context?.path[current.path.count - 1] = .journey(journey)
            return []
        }
    }
}
