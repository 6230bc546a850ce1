import Tenancy
import Terminal

extension ConsoleState {
    /// Has a company that was just created read and selected, wherever the list stands; a filter that may hide it goes.
    mutating func showCreated(_ urlID: String) -> [Effect] {
        companies.created = urlID
        if !companies.list.filter.isEmpty {
            companies.list.isFiltering = false
            companies.list.filter.clear()
            companies.list.restart()
            companies.count = nil
            if let said = shell.notice?.text { say(said + " The filter is cleared to show it.") }
        }
        return loadCompanies(companies.list.placeOfWindow) + [.control(.countCompanies(search: ""))]
    }

    /// Selects the created company once it is in; where the page does not have it, the page is read that begins with it.
    mutating func selectCreated(from place: PageRequest<String>.Place) -> [Effect]? {
        guard let created = companies.created else { return nil }
        let height = Layout(self).listRows
        guard companies.list.rows.contains(where: { $0.urlID == created }) else {
            guard place != .from(created), companies.list.queued == nil else {
                if companies.list.queued == nil { companies.created = nil }
                return nil
            }
            return loadCompanies(.from(created))
        }
        companies.created = nil
        companies.list.select(created, height: height)
        // Near the end of the list it would stand on an almost empty screen.
        guard companies.list.rows.count < height, companies.list.hasEarlier, companies.list.queued == nil,
            let first = companies.list.rows.first
        else { return nil }
        return loadCompanies(.before(first.anchor))
    }
}
