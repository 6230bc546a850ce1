import Tenancy
import Terminal

extension ConsoleState {
    mutating func takePalette(_ key: Key, _ palette: PaletteState) -> [Effect] {
        var palette = palette
        let entries = paletteEntries(palette)
        let chosen = entries.indices.contains(palette.selected) ? entries[palette.selected] : nil
        switch key {
        case .escape: return []
        case .tab where chosen?.completion != nil:
            let completions = entries.dropFirst(palette.selected).compactMap(\.completion)
            if let text = completions.first(where: { $0 != palette.field.text }) { complete(&palette, text) }
        case .down, .tab, .control("n"):
            palette.selected = min(palette.selected + 1, max(0, entries.count - 1))
        case .up, .backTab, .control("p"): palette.selected = max(0, palette.selected - 1)
        case .enter:
            guard let chosen else {
                say(
                    "There is no command “\(DisplayText(palette.field.text))”; \(shell.keys.label(of: .help)) lists the keys.",
                    .warning)
                return []
            }
            guard case .complete(let text) = chosen.target else { return run(chosen.target) }
            complete(&palette, text)
        case .backspace where palette.field.isEmpty: return []
        default:
            if palette.field.take(key) { palette.selected = 0 }
        }
        let effects = suggest(&palette)
        shell.overlays.append(.palette(palette))
        return effects
    }

    /// Takes a paste in, as if it had been typed.
    mutating func pasteIntoPalette(_ text: String, _ palette: PaletteState) -> [Effect] {
        var palette = palette
        palette.field.paste(text)
        palette.selected = 0
        let effects = suggest(&palette)
        shell.overlays[shell.overlays.count - 1] = .palette(palette)
        return effects
    }

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
            let effects = suggest(&palette)
            shell.overlays[index] = .palette(palette)
            return effects
        }
        return []
    }

    /// Has the server look for companies, by index, where the line asks for one; one question at a time.
    private mutating func suggest(_ palette: inout PaletteState) -> [Effect] {
        guard let argument = palette.argument, !argument.text.isEmpty, palette.pending == nil,
            palette.asked != argument.text, link == .up
        else { return [] }
        switch argument.kind {
        case .company: break
        case .impersonate where context == nil: break
        case .impersonate, .user, .theme, .tab: return []
        }
        let request = nextRequest()
        palette.pending = request
        palette.asked = argument.text
        return [.control(.suggestCompanies(request, search: argument.text))]
    }

    private func complete(_ palette: inout PaletteState, _ text: String) {
        palette.field = TextField(text, limit: palette.field.limit)
        palette.selected = 0
    }

    private mutating func run(_ target: PaletteEntry.Target) -> [Effect] {
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
