import FoundationEssentials
import Tenancy
import Terminal

/// The control connection: there, lost, and there again.
extension ConsoleState {
    mutating func takeLink(_ answer: ControlAnswer) -> [Effect] {
        switch answer {
        case .linked(let identity):
            shell.identity = identity
            shell.linkedAt = shell.now
            shell.link = .up
            shell.isLinking = false
            shell.requests.pending = nil
            let watching: [Effect] = shell.takesPartInRequests ? [.control(.watchRequests)] : []
            guard companies.list.pending == nil else { return watching }
            return loadCompanies(companies.list.placeOfWindow) + watching
        case .linkFailed(let error):
            if error.code == .passwordNeeded, openCompanies.isEmpty {
                lacksPassword = true
                return [.terminal(.quit)]
            }
            return relink(after: error)
        case .linkLost(let error): return shell.isLinking ? [] : relink(after: error)
        default: return []
        }
    }

    /// The server's clock as the connection told it that the next query uses.
    var serverNow: Date { context?.serverNow(at: shell.now) ?? shell.serverNow }

    mutating func loadCompanies(_ place: PageRequest<String>.Place) -> [Effect] {
        companies.read(place, &shell)
    }

    /// Notes that the control connection is gone, and has it tried again, later with each attempt.
    private mutating func relink(after error: TenancyError) -> [Effect] {
        var attempts = 1
        if case .down(_, let before) = shell.link { attempts = before + 1 }
        shell.link = .down(error.message, attempts: attempts)
        shell.isLinking = true
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
