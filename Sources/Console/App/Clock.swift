/// Milliseconds of a monotonic clock; what the state knows of time comes in with each action.
typealias Milliseconds = Int64

/// Tells answers apart; a late one for a request that nobody waits for any more is dropped.
struct RequestID: Hashable, Sendable {
    var number: Int
}

/// One open context as the console numbers it; survives a reconnect, never reused.
struct ContextID: Hashable, Sendable {
    var number: Int
}
