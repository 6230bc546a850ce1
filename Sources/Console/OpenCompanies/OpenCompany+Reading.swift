import Tenancy

extension OpenCompany {
    /// Reads the screen that is on.
    mutating func load(_ shell: inout Shell) -> [Effect] {
        let effects = onScreen(&shell) { $0.load(&$1) }
        guard !effects.isEmpty, let screen = context.screen?.screen, type(of: screen).showsCompany else {
            return effects
        }
        return effects + [.control(.loadCompany(urlID))]
    }

    /// The same, unless it is there or on its way.
    mutating func loadIfMissing(_ shell: inout Shell) -> [Effect] {
        guard let screen = context.screen?.screen, !screen.isLoaded, screen.waitingSince == nil else {
            return []
        }
        return load(&shell)
    }

    /// Reads all that is on the terminal anew, with `r` or after a reconnect.
    mutating func reload(_ shell: inout Shell) -> [Effect] {
        guard context.ended == nil else { return [] }
        return load(&shell) + loadAudit(&shell)
    }

    // MARK: The trail

    static let auditPage = 50

    /// Reads the newest records; with a read on its way they are read again after it.
    mutating func loadAudit(_ shell: inout Shell) -> [Effect] {
        guard context.ended == nil, !context.isInterrupted else { return [] }
        guard context.audit.pending == nil else {
            context.audit.isBehind = true
            return []
        }
        context.audit.isBehind = false
        let request = shell.nextRequest()
        context.audit.pending = request
        var effects: [Effect] = [.inside(context.id, .loadAudit(request))]
        if !context.audit.isWatched {
            context.audit.isWatched = true
            context.audit.isDeaf = false
            effects.append(.inside(context.id, .watchAudit))
        }
        return effects
    }
}

/// The same for the company on screen.
extension ConsoleState {
    mutating func loadIfMissing() -> [Effect] { company?.loadIfMissing(&shell) ?? [] }
    mutating func reloadScreen() -> [Effect] { company?.reload(&shell) ?? [] }
    mutating func loadAudit() -> [Effect] { company?.loadAudit(&shell) ?? [] }
}
