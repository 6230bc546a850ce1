import Tenancy
import Terminal

/// What a command does: by the console itself, by the company, or by the screen that is on.
extension ConsoleState {
    /// Does what a key or the palette asks for.
    mutating func perform(_ command: Command) -> [Effect] {
        guard permits(command) else {
            if isBeyondVisit(command) {
                say("This demo writes no files and starts no programs.", .warning)
                return []
            }
            if forbids(command) { return refuseChange() }
            say("This is for admins.", .warning)
            return []
        }
        switch command {
        case .help:
            shell.overlays.append(.help(HelpState()))
            return []
        case .palette:
            shell.overlays.append(.palette(PaletteState()))
            return []
        case .themes:
            let selected = shell.looks.themes.firstIndex(of: theme) ?? 0
            shell.overlays.append(.themes(ThemePickerState(selected: selected, before: theme)))
            return []
        case .redraw: return [.terminal(.redraw)]
        case .suspend: return [.terminal(.suspend)]
        case .quit: return goBackOrQuit()
        case .back: return goBack()
        case .companies: return listCompanies()
        case .nextCompany: return goToNeighbour(by: 1)
        case .previousCompany: return goToNeighbour(by: -1)
        case .closeCompany: return scope == .companies ? closeSelectedCompany() : closeCompany()
        case .contexts:
            return put(ContextsScreen(customer: context?.urlID ?? companies.list.selected?.urlID))
        case .requests: return openRequests()
        case .operators: return put(OperatorsScreen())
        case .controlTrail: return put(ControlTrailScreen())
        case .migrations: return put(MigrationsScreen())
        case .adminMenu: return openAdminMenu()
        case .prove where !hasScreenOnTop:
            guard let context else { break }
            return put(ProofScreen(urlID: context.urlID, companyName: context.open.companyName))
        case .lastCompany:
            guard let lastCompany, lastCompany != context?.urlID else {
                say("There is no company before this one.", .warning)
                return []
            }
            return enter(lastCompany)
        case .endImpersonation: return endImpersonation()
        case .filter: return beginFilter()
        case .export where context?.export != nil || companies.export != nil:
            say("An export is running; esc cancels it.", .warning)
            return []
        case .columns where isOwnList: return openColumns()
        case .scrollLeft where isOwnList, .scrollRight where isOwnList: return scrollColumns(command)
        default: break
        }
        if controlScreen != nil {
            if controlScreen?.screen.wish(for: command) == true { return [] }
            let effects = onControlScreen { $0.obey(command, &$1) } ?? []
            return effects + goOn()
        }
        guard let context else { return [] }
        return context.ended == nil ? performOnScreen(command) : performAfterEnd(command)
    }

    /// Whether the list on screen is one whose columns are chosen by their titles here.
    private var isOwnList: Bool {
        guard controlScreen == nil, let screen = context?.screen?.screen else { return true }
        return !type(of: screen).choosesColumns
    }

    /// What works the same everywhere in a company, then what the screen itself does.
    private mutating func performOnScreen(_ command: Command) -> [Effect] {
        if let effects = performInsideCompany(command) { return effects }
        var isKept = false
        onScreenOfCompany { isKept = $0.wish(for: command) }
        if isKept { return [] }
        let effects = company?.onScreen(&shell) { $0.obey(command, &$1) } ?? []
        return effects + goOn()
    }

    /// Does what a screen asked for that is not its own to do.
    mutating func goOn() -> [Effect] {
        defer { shell.passage = nil }
        switch shell.passage {
        case .claim(let request): return claim(ImpersonationRequest(claiming: request))
        case .company(let urlID): return enter(urlID)
        case .impersonate(let company):
            return openImpersonationForm(urlID: company.urlID, companyName: company.name, user: nil)
        case .prove(let company): return put(ProofScreen(urlID: company.urlID, companyName: company.name))
        case .enter(let screen): return enter(screen)
        case .order(let screen, let name, let ascending):
            return sort(screen, by: name, ascending: ascending)
        case .keepTables: return [shell.keepTables]
        case .copy(let text, let what): return [.terminal(.copy(text, what: what))]
        case nil: return []
        }
    }

    /// Opens a screen over the one of the company that is on.
    private mutating func enter(_ screen: AnyTenantScreen) -> [Effect] {
        company?.context.path.append(screen)
        return company?.load(&shell) ?? []
    }
}
