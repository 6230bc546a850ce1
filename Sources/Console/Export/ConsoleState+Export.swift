import Tenancy
import Terminal

extension ConsoleState {
    /// `x`: asks where the marked rows go, or the whole list as it is filtered.
    mutating func openExport() -> [Effect] {
        guard let listScreen else { return [] }
        guard context?.export == nil, companies.export == nil else {
            say("An export is running; esc cancels it.", .warning)
            return []
        }
        let source: Export.Source
        let what: DisplayText
        switch listScreen {
        case .companies:
            let marked = companies.list.marked
            source = marked.isEmpty ? .companies(companies.query) : .markedCompanies(marked.map(\.urlID))
            what = words(marked.count, "company", "companies", companies.list.meaning.text)
        case .users:
            guard let users = context?.users, let query = context?.usersQuery else { return [] }
            source = users.marked.isEmpty ? .users(query) : .markedUsers(users.marked.map(\.id))
            what = words(users.marked.count, "user", "users", users.meaning.text)
        case .journeys:
            guard let journeys = context?.journeys, let query = context?.journeysQuery else { return [] }
            source = journeys.marked.isEmpty ? .journeys(query) : .markedJourneys(journeys.marked.map(\.id))
            what = words(journeys.marked.count, "journey", "journeys", journeys.meaning.text)
        case .trail, .contexts, .requests, .operators, .controlTrail, .migrations: return []
        }
        let day = Moment.iso(serverNow).prefix(10)
        let name = [context?.urlID, listScreen.rawValue, "\(day).csv"].compactMap { $0 }.joined(
            separator: "-")
        shell.overlays.append(
            .export(ExportForm(name: TextField(name, limit: 1000), source: source, what: what)))
        return []
    }

    private func words(_ marked: Int, _ one: DisplayText, _ many: DisplayText, _ filter: String)
        -> DisplayText
    {
        if marked == 1 { return "The marked \(one)." }
        if marked > 1 { return "The \(Figure.exact(marked)) marked \(many)." }
        return filter.isEmpty ? "All \(many) of the list." : "All \(many) that fit “\(DisplayText(filter))”."
    }

    mutating func takeExport(_ key: Key, _ form: ExportForm) -> [Effect] {
        var form = form
        form.complaint = nil
        switch key {
        case .escape: return []
        case .tab, .backTab: form.switchFormat()
        case .enter:
            let name = form.name.text
            if name.isEmpty || name.hasSuffix("/") {
                form.complaint = "A file needs a name."
            } else if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                form.complaint = "The name has a control character in it."
            } else if form.source.isOfCompanies {
                let request = nextRequest()
                companies.export = ExportRun(request: request, file: name, since: shell.now)
                return [.control(.export(request, Export(source: form.source, file: name)))]
            } else if let current = context, current.ended == nil, !current.isInterrupted {
                let request = nextRequest()
                company?.context.export = ExportRun(request: request, file: name, since: shell.now)
                return [.inside(current.id, .export(request, Export(source: form.source, file: name)))]
            } else {
                form.complaint = "The connection is lost; try again when it is back."
            }
        default: _ = form.name.take(key)
        }
        shell.overlays.append(.export(form))
        return []
    }

    /// Says how an export ended.
    mutating func say(_ end: ExportEnd) { shell.notice = end.notice }

    /// How far the export is that runs.
    func exportLine(ascii: Bool) -> DisplayText? {
        guard let run = context?.export ?? companies.export else { return nil }
        let picture = Spinner.picture(since: run.since, now: shell.now, ascii: ascii) ?? " "
        let file = DisplayText(run.file).truncated(to: 30)
        return picture + " \(Figure.exact(run.rows)) rows into \(file) · esc cancels"
    }
}
