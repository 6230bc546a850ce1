import Tenancy
import Terminal

extension ConsoleState {
    mutating func openControlTrail() -> [Effect] {
        if controlTrail != nil { return loadControlTrail(.start) }
        let closing = closeScreens()
        controlTrail = ControlTrailState()
        return closing + loadControlTrail(.start)
    }

    mutating func performInControlTrail(_ command: Command) -> [Effect] {
        guard let list = controlTrail?.list else { return [] }
        switch command {
        case .open:
            if let record = list.selected { overlays.append(.record(record, top: 0)) }
            return []
        case .copy:
            if let record = list.selected { overlays.append(.menu(.copying(record))) }
            return []
        case .refresh: return loadControlTrail(list.placeOfWindow)
        default:
            let height = Layout(self).listRows
            guard let place = controlTrail?.list.perform(command, height: height) else {
                return []
            }
            return loadControlTrail(place)
        }
    }

    mutating func loadControlTrail(_ place: PageRequest<Int64>.Place) -> [Effect] {
        let id = nextRequest()
        guard let list = controlTrail?.list, let request = controlTrail?.list.begin(place, id: id, at: now)
        else { return [] }
        return [
            .loadControlTrail(
                request, filter: list.meaning.text, PageRequest(place, limit: Layout(self).pageLimit))
        ]
    }

    mutating func takeControlTrail(
        _ request: RequestID, _ place: PageRequest<Int64>.Place,
        _ result: Result<Page<AuditRecord>, TenancyError>
    ) -> [Effect] {
        guard controlTrail?.list.pending?.request == request else { return [] }
        switch result {
        case .success(let page):
            let height = Layout(self).listRows
            let newest = max(controlTrail?.newest ?? 0, page.rows.lazy.compactMap(\.seq).max() ?? 0)
            controlTrail?.list.accept(page, at: place, height: height)
            controlTrail?.newest = newest
        case .failure(let error):
            if controlTrail?.list.isOvertaken(error) != true { report(error) }
            controlTrail?.list.fail(error.sentence)
        }
        return controlTrail?.list.takeQueued().map { loadControlTrail($0) } ?? []
    }
}
