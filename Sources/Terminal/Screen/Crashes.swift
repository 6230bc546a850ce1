private import CTerminal

/// What happens when the program crashes while no screen is open; an open screen sees to it itself.
package enum Crashes {
    /// Lets a crash end the process at once.
    ///
    /// On a terminal the runtime would stop and ask for half a minute what to do. To be called first of all; without
    /// effect when the user has set `SWIFT_BACKTRACE`.
    package static func endAtOnce() {
        piste_crashes_end()
    }
}
