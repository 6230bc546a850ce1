import Glibc
import Terminal

/// The terminal user interface.
package enum Console {
    /// How a run ended.
    package struct Outcome: Sendable {
        /// The signal that asked for the end; nil when the user did, or the terminal went away.
        package var signal: Int32?
        /// Why a visit was ended that the visitor did not end; nil where that was not so.
        package var visitEnd: Visit.End?
        /// Whether it ended at once because the server wants a password.
        package var lacksPassword = false
    }

    /// Takes the terminal over until the user quits, a signal comes or the terminal is gone.
    ///
    /// Runs on the process's first thread. When it returns, the terminal is as it was found and every context that was
    /// opened has been left.
    package static func run(_ options: ConsoleOptions) throws -> Outcome {
        // A cut link hangs up more than once. While the screen is open it hears of that; afterwards nothing may kill the
        // process before the contexts are left.
        signal(SIGHUP, SIG_IGN)
        let mailbox = try Mailbox()
        let screen = try Terminal.Screen(options.screen, environment: options.environment)
        let loop = ConsoleLoop(options, screen: screen, mailbox: mailbox)
        loop.run()
        return Outcome(
            signal: screen.endingSignal, visitEnd: loop.visitEnd, lacksPassword: loop.lacksPassword)
    }
}
