import Dispatch
import Glibc
import Synchronization

/// What Ctrl-C and SIGTERM mean: the first one cancels the work that is waited for, the second one ends the process.
///
/// While nothing is waited for, the signal does what it does by default.
final class Interruption: Sendable {
    static let shared = Interruption()

    private struct State {
        var isWatching = false
        var work: (number: Int, cancel: @Sendable () -> Void)?
        var count = 0
        var interrupted = 0
        var signal: Int32?
    }

    private let state = Mutex(State())

    /// Has `cancel` called at the next interruption, until the number that it gives is handed to `end`.
    func begin(_ cancel: @escaping @Sendable () -> Void) -> Int {
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let (number, starts) = state.withLock { state in
            state.count += 1
            state.work = (state.count, cancel)
            defer { state.isWatching = true }
            return (state.count, !state.isWatching)
        }
        if starts { DispatchQueue.global().async { @Sendable in self.watch() } }
        return number
    }

    /// Gives the signal its default meaning back; true when the work was interrupted.
    func end(_ number: Int) -> Bool {
        let wasInterrupted = state.withLock { state in
            state.work = nil
            return state.interrupted == number
        }
        var signals = Self.signals
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        return wasInterrupted
    }

    /// The signal that interrupted the work; nil when none did.
    var signal: Int32? { state.withLock { $0.signal } }

    private func watch() {
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while true {
            var received: Int32 = 0
            guard sigwait(&signals, &received) == 0 else { continue }
            let cancel = state.withLock { state -> (@Sendable () -> Void)? in
                guard let work = state.work, state.interrupted != work.number else { return nil }
                state.interrupted = work.number
                state.signal = received
                return work.cancel
            }
            guard let cancel else { _exit(ExitStatus.interrupted.rawValue) }
            cancel()
        }
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        return signals
    }
}
