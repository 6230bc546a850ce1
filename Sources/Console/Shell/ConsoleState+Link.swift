import FoundationEssentials
import Tenancy
import Terminal

/// The control connection: there, lost, and there again.
extension ConsoleState {
    /// The connection is there, as somebody.
    mutating func takeLink(as identity: Identity) -> [Effect] {
        shell.server.identity = identity
        shell.server.linkedAt = shell.now
        shell.server.state = .up
        shell.server.isLinking = false
        shell.requests.pending = nil
        let watching: [Effect] = shell.takesPartInRequests ? [.control(.watchRequests)] : []
        guard companies.list.pending == nil else { return watching }
        return loadCompanies(companies.list.placeOfWindow) + watching
    }

    mutating func takeLinkFailure(_ error: TenancyError) -> [Effect] {
        if error.code == .passwordNeeded, openCompanies.isEmpty {
            lacksPassword = true
            return [.terminal(.quit)]
        }
        return relink(after: error)
    }

    mutating func loseLink(_ error: TenancyError) -> [Effect] {
        shell.server.isLinking ? [] : relink(after: error)
    }

    /// The server's clock as the connection told it that the next query uses.
    var serverNow: Date { context?.serverNow(at: shell.now) ?? shell.serverNow }

    mutating func loadCompanies(_ place: PageRequest<String>.Place) -> [Effect] {
        companies.read(place, &shell)
    }

    /// Notes that the control connection is gone, and has it tried again, later with each attempt.
    private mutating func relink(after error: TenancyError) -> [Effect] {
        var attempts = 1
        if case .down(_, let before) = shell.server.state { attempts = before + 1 }
        shell.server.state = .down(error.message, attempts: attempts)
        shell.server.isLinking = true
        companies.loseLink()
        top?.screen.loseLink()
        shell.requests.pending = nil
        wait?.isBeingRead = false
        return [.control(.link(after: Backoff.delay(attempt: attempts)))]
    }
}

/// How long to wait before trying a lost connection again.
enum Backoff {
    static func delay(attempt: Int) -> Milliseconds {
        min(4000, 125 << Milliseconds(min(max(0, attempt), 5)))
    }
}
