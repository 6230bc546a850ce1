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
}
