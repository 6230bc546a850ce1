import FoundationEssentials
import Tenancy
import Terminal

/// The connection without any context: to whom, as whom, and whether it is there.
struct ControlLink: Equatable, Sendable {
    enum State: Equatable, Sendable {
        case connecting
        case up
        /// Lost, or never there; the next attempt is on its way.
        case down(String, attempts: Int)
    }

    /// The operator that the connection is made as, until the server says it.
    var login: String
    var target: String
    var identity: Identity?
    /// When the server told who this is, and its time.
    var linkedAt: Milliseconds = 0
    var state = State.connecting
    /// An attempt to connect is under way, or waits for its turn.
    var isLinking = true

    init(login: String, target: String) {
        self.login = login
        self.target = target
    }

    /// The server's clock, counted on by this machine's monotonic one; nil until the server told it.
    func time(at now: Milliseconds) -> Date? {
        identity?.serverTime.addingTimeInterval(Double(now - linkedAt) / 1000)
    }
}
