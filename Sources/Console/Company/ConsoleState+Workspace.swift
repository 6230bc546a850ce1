import Tenancy
import Terminal

extension ConsoleState {
    mutating func performInWorkspace(_ command: Command) -> [Effect] {
        guard let current = context else { return [] }
        if current.ended != nil { return performAfterEnd(command) }
        if let effects = performInsideCompany(command) { return effects }
        switch current.tab {
        case .users: return performInUsers(command)
        case .journeys: return performInJourneys(command)
        case .overview: return performInOverview(command)
        case .tables: return []
        case .audit: return performInAudit(command)
        }
    }

    /// What works the same on every screen of a company; nil when the command is none of that.
    mutating func performInsideCompany(_ command: Command) -> [Effect]? {
        guard let current = context else { return nil }
        switch command {
        case .overview: return show(.overview)
        case .users: return show(.users)
        case .journeys: return show(.journeys)
        case .tables: return show(.tables)
        case .audit: return show(.audit)
        case .nextTab, .previousTab:
            let tabs = ContextState.Tab.allCases
            let step = command == .nextTab ? 1 : tabs.count - 1
            return show(tabs[(current.tab.rawValue + step) % tabs.count])
        case .auditPane:
            shell.showsAuditPane.toggle()
            return []
        case .auditFull:
            context?.audit.isFullScreen = true
            return loadTrailIfMissing()
        case .pause:
            context?.audit.isPaused.toggle()
            let isPaused = context?.audit.isPaused == true
            say(
                isPaused
                    ? "Live updates are paused; \(shell.keys.label(of: .pause)) goes on."
                    : "Live updates go on.")
            return isPaused ? [] : loadAudit()
        case .tokenCard:
            shell.overlays.append(.token(TokenCardState(context: current.id)))
            return []
        case .historyBack, .historyForward: return goThroughHistory(command)
        case .freshToken: return renew()
        case .impersonate: return impersonateHere()
        case .extendImpersonation: return extendImpersonation()
        default: return nil
        }
    }

    /// Shows a tab, and reads what it has not read yet.
    mutating func show(_ tab: ContextState.Tab) -> [Effect] {
        guard context?.ended == nil else { return [] }
        context?.tab = tab
        context?.path = []
        context?.audit.isFullScreen = false
        return loadTab()
    }

    mutating func goBackInCompany() -> [Effect] {
        guard let current = context else { return [] }
        if current.ended != nil { return dismissEnded() }
        if current.audit.isFullScreen {
            context?.audit.isFullScreen = false
            return []
        }
        var hadMarks = false
        onScreenOfCompany { hadMarks = $0.clearMarks() }
        if hadMarks { return [] }
        if current.path.isEmpty {
            if current.tab == .users, context?.users.clearMarks() == true { return [] }
            if current.tab == .journeys, context?.journeys.clearMarks() == true { return [] }
        }
        if let effects = clearFilterOfScreen() { return effects }
        guard current.path.isEmpty else {
            context?.path.removeLast()
            return loadPathIfMissing() + loadTab()
        }
        return leaveCompany()
    }

    /// Says why a command does nothing, unless the list keeps it until its rows are in.
    mutating func waitForRows(_ isKept: Bool?) -> [Effect] {
        if isKept != true { say("No row is selected here.", .warning) }
        return []
    }

    // MARK: Users

    private mutating func performInUsers(_ command: Command) -> [Effect] {
        guard let current = context else { return [] }
        switch command {
        case .open:
            guard let user = current.users.selected else {
                return waitForRows(context?.users.keep(command))
            }
            context?.path.append(.user(UserState(id: user.id)))
            return loadUser()
        case .refresh: return reloadScreen()
        case .sort, .reverseSort:
            let next = current.userSort.next
            return command == .sort
                ? sort(.users, by: next.rawValue, ascending: next.startsAscending)
                : sort(.users, by: current.userSort.rawValue, ascending: !current.userAscending)
        case .copy:
            guard let user = current.users.selected else {
                return waitForRows(context?.users.keep(command))
            }
            shell.overlays.append(
                .menu(
                    .copying(user, marked: current.users.marked, record: current.audit.newestRecord)))
            return []
        case .mark:
            guard context?.users.toggleMark() == true else {
                return waitForRows(context?.users.keep(command))
            }
            return performInUsers(.down)
        case .export: return openExport()
        default:
            let height = Layout(self).listRows
            guard let place = context?.users.perform(command, height: height) else { return [] }
            return loadUsers(place)
        }
    }

    // MARK: Journeys

    private mutating func performInJourneys(_ command: Command) -> [Effect] {
        guard let current = context else { return [] }
        switch command {
        case .open:
            guard let journey = current.journeys.selected else {
                return waitForRows(context?.journeys.keep(command))
            }
            context?.path.append(.journey(JourneyState(id: journey.id)))
            return loadJourney()
        case .refresh: return reloadScreen()
        case .sort, .reverseSort:
            let next = current.journeySort.next
            return command == .sort
                ? sort(.journeys, by: next.rawValue, ascending: next.startsAscending)
                : sort(.journeys, by: current.journeySort.rawValue, ascending: !current.journeyAscending)
        case .copy:
            guard let journey = current.journeys.selected else {
                return waitForRows(context?.journeys.keep(command))
            }
            shell.overlays.append(
                .menu(
                    .copying(
                        journey, marked: current.journeys.marked, record: current.audit.newestRecord)))
            return []
        case .mark:
            guard context?.journeys.toggleMark() == true else {
                return waitForRows(context?.journeys.keep(command))
            }
            return performInJourneys(.down)
        case .export: return openExport()
        default:
            let height = Layout(self).listRows
            guard let place = context?.journeys.perform(command, height: height) else { return [] }
            return loadJourneys(place)
        }
    }
}

extension User.Sort {
    var next: User.Sort {
        Self.allCases[(Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0) % Self.allCases.count]
    }
    var startsAscending: Bool { self != .createdAt && self != .lastSeenAt }
}

extension Journey.Sort {
    var next: Journey.Sort {
        Self.allCases[(Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0) % Self.allCases.count]
    }
    var startsAscending: Bool { self != .updatedAt && self != .startedAt }
}
