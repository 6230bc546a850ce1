import Tenancy
import Terminal

extension ConsoleState {
    mutating func performInOverview(_ command: Command) -> [Effect] {
        if command == .refresh { return loadOverview() }
        guard let current = context, current.overview.figures != nil else { return [] }
        let area = Layout(self).body.inner
        let lines = OverviewView(current, state: self).lines(in: area)
        let delta = command.rows(page: area.rows, of: lines) ?? 0
        context?.overview.top = min(max(0, current.overview.top + delta), max(0, lines - area.rows))
        return []
    }

    mutating func loadOverview() -> [Effect] {
        guard let current = context, current.ended == nil, !current.isInterrupted,
            current.overview.pending == nil
        else { return [] }
        let request = nextRequest()
        context?.overview.pending = request
        context?.overview.since = now
        return [.loadOverview(current.id, request), .loadCompany(current.urlID)]
    }

    mutating func takeOverview(
        _ id: ContextID, _ request: RequestID, _ result: Result<Overview, TenancyError>
    ) -> [Effect] {
        guard accepts(id), context?.overview.pending == request else { return [] }
        let moment = serverNow
        context?.overview.pending = nil
        switch result {
        case .success(let figures):
            context?.overview.figures = figures
            context?.overview.readAt = moment
            context?.overview.failure = nil
        case .failure(let error):
            context?.overview.failure = error.sentence
            report(error)
        }
        return []
    }
}
