/// When the screen is blanked because nobody touches the keys.
struct IdleLock: Equatable, Sendable {
    /// How long nobody may touch them; nil keeps the screen as it is, and then no timer runs for it.
    var limit: Milliseconds?
    /// When the last key was pressed.
    var lastTouch: Milliseconds = 0
    private(set) var isLocked = false

    /// Locks when the time is over; says whether it just did.
    mutating func check(at now: Milliseconds) -> Bool {
        guard let limit, !isLocked, now - lastTouch >= limit else { return false }
        isLocked = true
        return true
    }

    /// Notes a key; says whether it opened the lock and therefore means nothing else.
    mutating func touch(at now: Milliseconds) -> Bool {
        lastTouch = now
        defer { isLocked = false }
        return isLocked
    }

    /// Milliseconds until it locks by itself; nil when it never does.
    func untilLocked(at now: Milliseconds) -> Milliseconds? {
        guard let limit, !isLocked else { return nil }
        return max(1, lastTouch + limit - now)
    }
}
