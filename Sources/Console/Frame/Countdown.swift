import Terminal

/// The time left in a context: calm above five minutes, a warning below, critical below one.
enum Countdown {
    static func role(_ left: Milliseconds) -> Role {
        switch left {
        case 300_000...: .countdownOk
        case 60_000...: .countdownWarn
        default: .countdownCritical
        }
    }

    /// Milliseconds until another second shows.
    static func untilNextSecond(_ left: Milliseconds) -> Milliseconds {
        let rest = left % 1000
        return rest == 0 ? 1000 : rest
    }
}
