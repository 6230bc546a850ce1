/// What the rest of the process wants of the statement that runs, looked up at every turn of a wait.
struct Oversight {
    var isCancelRequested: Bool
    var isAbandoned: Bool
    /// When the next statement in the queue runs out of time.
    var nextDeadline: ContinuousClock.Instant?
}
