import Tenancy
import Terminal

extension ConsoleState {
    mutating func openMigrations() -> [Effect] {
        if migrations != nil { return loadMigrations(.start) + loadFleet() }
        let closing = closeScreens()
        migrations = MigrationsState()
        return closing + loadMigrations(.start) + loadFleet()
    }

    mutating func performInMigrations(_ command: Command) -> [Effect] {
        guard let screen = migrations else { return [] }
        switch command {
        case .refresh: return loadMigrations(screen.list.placeOfWindow) + loadFleet()
        case .nextTab, .previousTab:
            let choices = screen.choices
            let place = choices.firstIndex(of: screen.shown) ?? 0
            let step = command == .nextTab ? 1 : choices.count - 1
            migrations?.shown = choices[(place + step) % choices.count]
            migrations?.list.restart()
            return loadMigrations(.start)
        case .copy:
            if let company = screen.list.selected { overlays.append(.menu(.copying(company))) }
            return []
        default:
            let height = MigrationsView.tableRows(Layout(self))
            guard let place = migrations?.list.perform(command, height: height) else { return [] }
            return loadMigrations(place)
        }
    }

    mutating func loadMigrations(_ place: PageRequest<String>.Place) -> [Effect] {
        let id = nextRequest()
        guard let screen = migrations, let request = migrations?.list.begin(place, id: id, at: now) else {
            return []
        }
        return [
            .loadMigrations(
                request, screen.shown, filter: screen.list.meaning.text,
                PageRequest(place, limit: Layout(self).pageLimit))
        ]
    }

    private mutating func loadFleet() -> [Effect] {
        guard migrations?.fleetPending == nil else { return [] }
        let request = nextRequest()
        migrations?.fleetPending = request
        return [.loadFleet(request)]
    }

    /// Reads the screen again while a company is being migrated.
    mutating func followMigrations() -> [Effect] {
        guard scope == .migrations, let due = migrations?.refreshAt, now >= due else { return [] }
        return loadFleet()
            + (migrations?.list.pending == nil
                ? loadMigrations(migrations?.list.placeOfWindow ?? .start) : [])
    }

    mutating func takeMigrations(_ action: Action) -> [Effect] {
        switch action {
        case .migrationsLoaded(let request, let place, let result):
            guard migrations?.list.pending?.request == request else { return [] }
            switch result {
            case .success(let page):
                let height = MigrationsView.tableRows(Layout(self))
                migrations?.list.accept(page, at: place, height: height)
            case .failure(let error):
                if migrations?.list.isOvertaken(error) != true { report(error) }
                migrations?.list.fail(error.sentence)
            }
            return migrations?.list.takeQueued().map { loadMigrations($0) } ?? []
        case .fleetLoaded(let request, let result):
            guard migrations?.fleetPending == request else { return [] }
            migrations?.fleetPending = nil
            migrations?.readAt = now
            if case .success(let fleet) = result { migrations?.fleet = fleet }
            return []
        default: return []
        }
    }
}

extension MenuState {
    /// What a ticket may want of a company that was not migrated.
    static func copying(_ company: CompanyMigration) -> MenuState {
        var items = [Item(key: "u", label: "url id", choice: .copy(company.urlID, what: "the url id"))]
        if let failure = company.failure {
            items.append(
                Item(
                    key: "e", label: "error",
                    choice: .copy("\(failure.sqlState) \(failure.message)", what: "the error")))
        }
        return MenuState(title: "Copy", items: items)
    }
}
