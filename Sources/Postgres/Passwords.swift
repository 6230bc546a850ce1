import Synchronization

/// Passwords that were typed in this run, by login and server; they are kept in memory only, and until one is wrong.
package enum Passwords {
    private struct State {
        var typed: [String: String] = [:]
        var ask: (@Sendable (_ whose: String) -> String?)?
    }

    private static let state = Mutex(State())

    /// Who is asked when a server wants a password that libpq finds nowhere; nil for nobody.
    package static func ask(with ask: (@Sendable (_ whose: String) -> String?)?) {
        state.withLock { $0.ask = ask }
    }

    static func typed(for settings: ConnectionSettings) -> String? {
        // Nearly always there is none, and then nobody looks up how the server is called.
        state.withLock { $0.typed.isEmpty ? nil : $0.typed[settings.displayName] }
    }

    /// Asks for a password, once for however many connections want it; nil when none is given.
    static func asked(for settings: ConnectionSettings) -> String? {
        state.withLock { state in
            let whose = settings.displayName
            if let typed = state.typed[whose] { return typed }
            guard let password = state.ask?(whose) else { return nil }
            state.typed[whose] = password
            return password
        }
    }

    static func forget(_ settings: ConnectionSettings) {
        state.withLock { $0.typed[settings.displayName] = nil }
    }
}
