import Tenancy
import Terminal

extension ConsoleState {
    mutating func performInAudit(_ command: Command) -> [Effect] {
        guard context?.ended == nil else { return performAfterEnd(command) }
        if command == .auditFull {
            context?.audit.isFullScreen = false
            return []
        }
        if let effects = performInsideCompany(command) { return effects }
        guard let trail = context?.audit.trail else { return [] }
        switch command {
        case .open:
            guard let record = trail.selected, let current = context else { return [] }
            shell.overlays.append(.record(record, top: 0))
            guard record.hasValues, current.audit.values[record.id] == nil else { return [] }
            return [.inside(current.id, .loadValues(record: record.id))]
        case .copy:
            if let record = trail.selected { shell.overlays.append(.menu(.copying(record))) }
            return []
        case .refresh: return loadTrail(trail.placeOfWindow) + loadAudit()
        default:
            let height = Layout(self).listRows
            let place = context?.audit.trail.perform(command, height: height)
            return place.map { loadTrail($0) } ?? []
        }
    }
}
