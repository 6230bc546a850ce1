import Tenancy
import Terminal

extension ConsoleState {
    /// Takes in what companies the server found; an answer that is not waited for any more is dropped.
    mutating func takeSuggestions(
        _ request: RequestID, _ result: Result<Page<Company>, TenancyError>
    ) -> [Effect] {
        for (index, overlay) in shell.overlays.enumerated() {
            guard case .palette(var palette) = overlay, palette.pending == request else { continue }
            palette.pending = nil
            if case .success(let page) = result {
                palette.companies = page.rows.map { PaletteState.Known(urlID: $0.urlID, name: $0.name) }
            }
            let effects = palette.suggest(&self)
            shell.overlays[index] = .palette(palette)
            return effects
        }
        return []
    }

    /// Does what a line of the palette stands for.
    mutating func run(_ target: PaletteEntry.Target) -> [Effect] {
        remember(target)
        switch target {
        case .command(let command): return perform(command)
        case .complete: return []
        case .company(let urlID): return enter(urlID)
        case .tab(let number): return goTo(number: number)
        case .users(let text): return listUsers(fitting: text)
        case .impersonate(let urlID, let user):
            guard user != nil, let current = context else {
                return openImpersonationForm(
                    urlID: urlID, companyName: company(urlID)?.name ?? urlID, user: user)
            }
            guard current.open.purpose != .impersonation else { return impersonateHere() }
            return openImpersonationForm(urlID: urlID, companyName: current.open.companyName, user: user)
        case .theme(let name):
            theme = name
            return [.terminal(.useTheme(name, keep: true))]
        case .quit: return askToQuit()
        case .refusal(let why):
            say(why, .warning)
            return []
        }
    }

    /// Keeps what was run, newest first; never a word that may come from a row of a tenant.
    private mutating func remember(_ target: PaletteEntry.Target) {
        switch target {
        case .command, .company, .theme: break
        case .complete, .users, .impersonate, .tab, .quit, .refusal: return
        }
        ran.removeAll { $0 == target }
        ran.insert(target, at: 0)
        if ran.count > 20 { ran.removeLast() }
    }

    /// Shows the users of the company on screen, filtered.
    private mutating func listUsers(fitting text: String) -> [Effect] {
        guard let current = context, current.ended == nil else { return [] }
        guard current.tabs.contains(.users) else { return show(.users) }
        do throws(TenancyError) {
            _ = try Filter(text)
        } catch {
            say(error)
            return []
        }
        top = nil
        context?.tab = .users
        context?.path = []
        context?.audit.isFullScreen = false
        return company?.onScreen(&shell) { screen, shell in
            screen.setFiltering(false)
            let isOther = screen.edit { $0 = TextField(text) }
            return isOther || !screen.isLoaded ? screen.search(&shell) : []
        } ?? []
    }
}
