import Tenancy
import Terminal

extension ConsoleState {
    static let auditPage = 50

    mutating func performInAudit(_ command: Command) -> [Effect] {
        guard context?.ended == nil else { return performAfterEnd(command) }
        if command == .auditFull {
            context?.audit.isFullScreen = false
            return []
        }
        if let effects = performInsideCompany(command) { return effects }
        let height = Layout(self).listRows
        switch command {
        case .open:
            guard let record = context?.audit.selectedRecord else { return [] }
            overlays.append(.record(record, top: 0))
            return []
        case .filter:
            context?.audit.isFiltering = true
            return []
        case .copy:
            guard let record = context?.audit.selectedRecord else { return [] }
            overlays.append(.menu(.copying(record)))
            return []
        case .refresh: return loadAudit(.newest)
        case .down: context?.audit.move(by: 1, height: height)
        case .up: context?.audit.move(by: -1, height: height)
        case .pageDown: context?.audit.move(by: height, height: height)
        case .pageUp: context?.audit.move(by: -height, height: height)
        case .halfPageDown: context?.audit.move(by: height / 2, height: height)
        case .halfPageUp: context?.audit.move(by: -height / 2, height: height)
        case .first: context?.audit.move(by: -AuditState.capacity * 2, height: height)
        case .last: context?.audit.move(by: AuditState.capacity * 2, height: height)
        default: return []
        }
        guard let audit = context?.audit, audit.wantsOlder(height: height), let last = audit.records.last
        else { return [] }
        return loadAudit(.older(than: last.seq))
    }

    /// Reads records of the trail; with a read on its way the newest are read again after it.
    mutating func loadAudit(_ place: AuditPlace) -> [Effect] {
        guard let current = context, current.ended == nil, !current.isInterrupted else { return [] }
        guard current.audit.pending == nil else { return [] }
        let request = nextRequest()
        context?.audit.pending = request
        var effects: [Effect] = [.loadAudit(current.id, request, place)]
        if !current.audit.isWatched {
            context?.audit.isWatched = true
            context?.audit.isDeaf = false
            effects.append(.watchAudit(current.id))
        }
        return effects
    }

    mutating func takeAudit(
        _ id: ContextID, _ request: RequestID, _ place: AuditPlace,
        _ result: Result<[AuditRecord], TenancyError>
    ) -> [Effect] {
        guard accepts(id), context?.audit.pending == request else { return [] }
        context?.audit.pending = nil
        switch result {
        case .success(let records):
            context?.audit.accept(records, at: place, asked: Self.auditPage)
            guard let audit = context?.audit, !audit.isPaused, audit.newest > (audit.records.first?.seq ?? 0)
            else { return [] }
            return loadAudit(.newest)
        case .failure(let error):
            context?.audit.failure = error.description
            report(error)
            return []
        }
    }
}

extension AuditState {
    var newestRecord: AuditRecord? { records.first }
}
