import Tenancy
import Terminal

extension ConsoleState {
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
            let tabs = current.tabs
            let step = command == .nextTab ? 1 : tabs.count - 1
            return show(tabs[((tabs.firstIndex(of: current.tab) ?? 0) + step) % tabs.count])
        case .auditPane:
            shell.showsAuditPane.toggle()
            return []
        case .auditFull:
            let isOn = scope != .audit
            context?.audit.isFullScreen = isOn
            return loadIfMissing()
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
        case .refresh: return reloadScreen()
        case .historyBack, .historyForward: return goThroughHistory(command)
        case .freshToken: return renew()
        case .impersonate: return impersonateHere()
        case .extendImpersonation: return extendImpersonation()
        default: return nil
        }
    }

    /// Shows a tab, and reads what it has not read yet.
    mutating func show(_ tab: ContextState.Tab) -> [Effect] {
        guard let current = context, current.ended == nil else { return [] }
        guard current.tabs.contains(tab) else {
            say("\(tab.title): this company was adopted, and has no such tab.")
            return []
        }
        context?.tab = tab
        context?.path = []
        context?.audit.isFullScreen = false
        return loadIfMissing()
    }

    mutating func goBackInCompany() -> [Effect] {
        guard let current = context else { return [] }
        if current.ended != nil { return dismissEnded() }
        if current.audit.isFullScreen {
            context?.audit.isFullScreen = false
            return loadIfMissing()
        }
        var hadMarks = false
        onScreenOfCompany { hadMarks = $0.clearMarks() }
        if hadMarks { return [] }
        if let effects = clearFilterOfScreen() { return effects }
        guard current.path.isEmpty else {
            context?.path.removeLast()
            return loadIfMissing()
        }
        return leaveCompany()
    }
}
