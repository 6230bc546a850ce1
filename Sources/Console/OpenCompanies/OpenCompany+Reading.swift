import Tenancy

extension OpenCompany {
    /// Whether something can be asked of its context.
    private var isReachable: Bool { context.ended == nil && !context.isInterrupted }

    private func inside(_ request: TenantRequest) -> [Effect] { [.inside(context.id, request)] }

    /// Keeps the selected row of the list on screen.
    mutating func fit(rows: Int, columns: Int) {
        if context.audit.isFullScreen {
            context.audit.trail.fit(height: rows)
            return
        }
        if var screen = context.screen {
            screen.screen.fit(rows: rows, columns: columns)
            context.screen = screen
            return
        }
        switch context.tab {
        case .users: context.users.fit(height: rows)
        case .journeys: context.journeys.fit(height: rows)
        case .audit: context.audit.trail.fit(height: rows)
        case .overview, .tables: break
        }
    }

    /// Reads what the tab on screen shows, unless it is there.
    mutating func loadTab(_ shell: inout Shell) -> [Effect] {
        guard context.ended == nil else { return [] }
        switch context.tab {
        case .users: return context.users.isLoaded ? [] : loadUsers(.start, &shell) + inside(.countUsers)
        case .journeys: return context.journeys.isLoaded ? [] : loadJourneys(.start, &shell)
        case .overview: return context.overview.figures == nil ? loadOverview(&shell) : []
        case .tables:
            return context.tables.list.reading.isLoaded || !context.path.isEmpty
                ? [] : onScreen(&shell) { $0.load(&$1) }
        case .audit: return loadTrailIfMissing(&shell)
        }
    }

    /// Reads what the screen shows, place by place, after a reconnect or with `r`.
    mutating func reload(_ shell: inout Shell) -> [Effect] {
        guard context.ended == nil else { return [] }
        var effects: [Effect] = []
        switch context.path.last {
        case .user: effects += loadUser(&shell)
        case .journey: effects += loadJourney(&shell)
        case .screen: effects += onScreen(&shell) { $0.load(&$1) }
        case nil:
            switch context.tab {
            case .users:
                effects += loadUsers(context.users.isLoaded ? context.users.placeOfWindow : .start, &shell)
            case .journeys:
                let journeys = context.journeys
                effects += loadJourneys(journeys.isLoaded ? journeys.placeOfWindow : .start, &shell)
            case .overview: effects += loadOverview(&shell)
            case .tables: effects += onScreen(&shell) { $0.load(&$1) }
            case .audit: effects += loadTrail(context.audit.trail.placeOfWindow, &shell)
            }
        }
        if context.audit.isFullScreen { effects += loadTrail(context.audit.trail.placeOfWindow, &shell) }
        return effects + loadAudit(&shell)
    }

    /// Reads the screen on top of the path; those below are read when somebody goes back to them.
    mutating func loadPath(_ shell: inout Shell) -> [Effect] {
        switch context.path.last {
        case .user: loadUser(&shell)
        case .journey: loadJourney(&shell)
        case .screen: onScreen(&shell) { $0.load(&$1) }
        case nil: []
        }
    }

    /// Reads the screen on top of the path, unless its rows are in or on their way.
    mutating func loadPathIfMissing(_ shell: inout Shell) -> [Effect] {
        switch context.path.last {
        case .user(let user): user.detail == nil && user.pending == nil ? loadUser(&shell) : []
        case .journey(let journey): journey.detail == nil && journey.pending == nil ? loadJourney(&shell) : []
        case .screen(let any):
            any.screen.list.count == 0 && any.screen.waitingSince == nil
                ? onScreen(&shell) { $0.load(&$1) } : []
        case nil: []
        }
    }

    mutating func loadUsers(_ place: PageRequest<Keyset>.Place, _ shell: inout Shell) -> [Effect] {
        guard isReachable, let request = context.users.begin(place, id: shell.nextRequest(), at: shell.now)
        else { return [] }
        return inside(.loadUsers(request, context.usersQuery, PageRequest(place, limit: shell.pageLimit)))
    }

    mutating func loadJourneys(_ place: PageRequest<Keyset>.Place, _ shell: inout Shell) -> [Effect] {
        guard isReachable, let request = context.journeys.begin(place, id: shell.nextRequest(), at: shell.now)
        else { return [] }
        return inside(
            .loadJourneys(request, context.journeysQuery, PageRequest(place, limit: shell.pageLimit)))
    }

    mutating func loadOverview(_ shell: inout Shell) -> [Effect] {
        guard isReachable, context.overview.pending == nil else { return [] }
        let request = shell.nextRequest()
        context.overview.pending = request
        context.overview.since = shell.now
        return inside(.loadOverview(request)) + [.control(.loadCompany(urlID))]
    }

    mutating func loadUser(_ shell: inout Shell) -> [Effect] {
        guard case .user(var user) = context.path.last, !context.isInterrupted else { return [] }
        let request = shell.nextRequest()
        user.pending = request
        user.since = shell.now
        context.path[context.path.count - 1] = .user(user)
        return inside(.loadUser(request, user.id))
    }

    mutating func loadJourney(_ shell: inout Shell) -> [Effect] {
        guard case .journey(var journey) = context.path.last, !context.isInterrupted else { return [] }
        let request = shell.nextRequest()
        journey.pending = request
        journey.since = shell.now
        context.path[context.path.count - 1] = .journey(journey)
        return inside(.loadJourney(request, journey.id))
    }

    // MARK: The trail

    static let auditPage = 50

    /// Reads the newest records; with a read on its way they are read again after it.
    mutating func loadAudit(_ shell: inout Shell) -> [Effect] {
        guard isReachable else { return [] }
        guard context.audit.pending == nil else {
            context.audit.isBehind = true
            return []
        }
        context.audit.isBehind = false
        let request = shell.nextRequest()
        context.audit.pending = request
        var effects = inside(.loadAudit(request))
        if !context.audit.isWatched {
            context.audit.isWatched = true
            context.audit.isDeaf = false
            effects += inside(.watchAudit)
        }
        return effects
    }

    mutating func loadTrailIfMissing(_ shell: inout Shell) -> [Effect] {
        let trail = context.audit.trail
        return !trail.isLoaded && trail.pending == nil ? loadTrail(.start, &shell) : []
    }

    mutating func loadTrail(_ place: PageRequest<Int64>.Place, _ shell: inout Shell) -> [Effect] {
        guard isReachable,
            let request = context.audit.trail.begin(place, id: shell.nextRequest(), at: shell.now)
        else { return [] }
        return inside(
            .loadTrail(
                request, filter: context.audit.trail.meaning.text, PageRequest(place, limit: shell.pageLimit))
        )
    }
}

/// The same for the company on screen.
extension ConsoleState {
    mutating func loadTab() -> [Effect] { company?.loadTab(&shell) ?? [] }
    mutating func reloadScreen() -> [Effect] { company?.reload(&shell) ?? [] }
    mutating func loadPath() -> [Effect] { company?.loadPath(&shell) ?? [] }
    mutating func loadPathIfMissing() -> [Effect] { company?.loadPathIfMissing(&shell) ?? [] }
    mutating func loadUser() -> [Effect] { company?.loadUser(&shell) ?? [] }
    mutating func loadJourney() -> [Effect] { company?.loadJourney(&shell) ?? [] }
    mutating func loadOverview() -> [Effect] { company?.loadOverview(&shell) ?? [] }
    mutating func loadAudit() -> [Effect] { company?.loadAudit(&shell) ?? [] }
    mutating func loadTrailIfMissing() -> [Effect] { company?.loadTrailIfMissing(&shell) ?? [] }

    mutating func loadUsers(_ place: PageRequest<Keyset>.Place) -> [Effect] {
        company?.loadUsers(place, &shell) ?? []
    }

    mutating func loadJourneys(_ place: PageRequest<Keyset>.Place) -> [Effect] {
        company?.loadJourneys(place, &shell) ?? []
    }

    mutating func loadTrail(_ place: PageRequest<Int64>.Place) -> [Effect] {
        company?.loadTrail(place, &shell) ?? []
    }
}
