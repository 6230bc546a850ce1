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
        guard let trail = context?.audit.trail else { return [] }
        switch command {
        case .open:
            guard let record = trail.selected, let current = context else { return [] }
            overlays.append(.record(record, top: 0))
            guard record.hasValues, current.audit.values[record.id] == nil else { return [] }
            return [.loadValues(current.id, record: record.id)]
        case .copy:
            if let record = trail.selected { overlays.append(.menu(.copying(record))) }
            return []
        case .refresh: return loadTrail(trail.placeOfWindow) + loadAudit()
        default:
            let height = Layout(self).listRows
            let place = context?.audit.trail.perform(command, height: height)
            return place.map { loadTrail($0) } ?? []
        }
    }

    /// Reads the newest records; with a read on its way they are read again after it.
    mutating func loadAudit() -> [Effect] {
        guard let current = context, current.ended == nil, !current.isInterrupted else { return [] }
        guard current.audit.pending == nil else {
            context?.audit.isBehind = true
            return []
        }
        context?.audit.isBehind = false
        let request = nextRequest()
        context?.audit.pending = request
        var effects: [Effect] = [.loadAudit(current.id, request)]
        if !current.audit.isWatched {
            context?.audit.isWatched = true
            context?.audit.isDeaf = false
            effects.append(.watchAudit(current.id))
        }
        return effects
    }

    mutating func takeAudit(
        _ id: ContextID, _ request: RequestID, _ result: Result<[AuditRecord], TenancyError>
    ) -> [Effect] {
        guard accepts(id), context?.audit.pending == request else { return [] }
        context?.audit.pending = nil
        let height = Layout(self).listRows
        switch result {
        case .success(let records):
            let isWhole = context?.audit.accept(records, height: height) != false
            var effects: [Effect] = []
            if !isWhole, let trail = context?.audit.trail, trail.isLoaded, !trail.hasEarlier {
                effects += loadTrail(trail.placeOfWindow)
            }
            guard let audit = context?.audit, !audit.isPaused, audit.isBehind else { return effects }
            return effects + loadAudit()
        case .failure(let error):
            context?.audit.failure = error.sentence
            report(error)
            return []
        }
    }

    /// Takes in what came from rows in a record that was opened.
    mutating func takeValues(_ id: ContextID, record: Int64, _ result: Result<String?, TenancyError>) {
        guard accepts(id) else { return }
        switch result {
        case .success(let text):
            context?.audit.values[record] = text ?? "erased, or of columns that are not to be read here"
        case .failure(let error): report(error)
        }
    }

    // MARK: The whole trail

    mutating func loadTrailIfMissing() -> [Effect] {
        guard let trail = context?.audit.trail, !trail.isLoaded, trail.pending == nil else { return [] }
        return loadTrail(.start)
    }

    mutating func loadTrail(_ place: PageRequest<Int64>.Place) -> [Effect] {
        guard let current = context, current.ended == nil, !current.isInterrupted else { return [] }
        let id = nextRequest()
        guard let request = context?.audit.trail.begin(place, id: id, at: now) else { return [] }
        return [
            .loadTrail(
                current.id, request, filter: current.audit.trail.meaning.text,
                PageRequest(place, limit: Layout(self).pageLimit))
        ]
    }

    mutating func takeTrail(
        _ id: ContextID, _ request: RequestID, _ place: PageRequest<Int64>.Place,
        _ result: Result<Page<AuditRecord>, TenancyError>
    ) -> [Effect] {
        guard accepts(id), context?.audit.trail.pending?.request == request else { return [] }
        let height = Layout(self).listRows
        switch result {
        case .success(let page):
            context?.audit.accept(page, at: place, height: height)
        case .failure(let error):
            if context?.audit.trail.isOvertaken(error) != true { report(error) }
            context?.audit.trail.fail(error.sentence)
        }
        return context?.audit.trail.takeQueued().map { loadTrail($0) } ?? []
    }
}
