import Terminal

/// The list of keys: read, or searched for a line to be done.
struct HelpState: Equatable, Sendable {
    var top = 0
    /// What is searched for; nil while the list is only read.
    var search: TextField?
    var selected = 0
}

extension ConsoleState {
    mutating func takeHelp(_ key: Key, _ help: HelpState) -> [Effect] {
        guard help.search == nil else { return searchHelp(key, help) }
        var help = help
        switch key {
        case .escape, .enter, .character("q"), .character("?"), .function(1): return []
        case .character("/"): help.search = TextField(limit: 60)
        default:
            let delta = shell.keys.command(for: key, in: .audit)?.rows(of: 200) ?? 0
            help.top = min(max(0, help.top + delta), HelpView.last(for: self))
        }
        shell.overlays.append(.help(help))
        return []
    }

    /// Finds a line by its words; `⏎` does what it says.
    private mutating func searchHelp(_ key: Key, _ help: HelpState) -> [Effect] {
        var help = help
        let found = HelpView.found(help.search?.text ?? "", for: self)
        switch key {
        case .escape:
            help.search = nil
            help.selected = 0
        case .enter:
            guard found.indices.contains(help.selected) else { break }
            return perform(found[help.selected].command)
        case .down, .tab, .control("n"): help.selected = min(help.selected + 1, max(0, found.count - 1))
        case .up, .backTab, .control("p"): help.selected = max(0, help.selected - 1)
        default:
            if help.search?.take(key) == true { help.selected = 0 }
        }
        shell.overlays.append(.help(help))
        return []
    }
}
