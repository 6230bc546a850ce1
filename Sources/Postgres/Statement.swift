import Synchronization

/// One piece of work that waits for its turn on a connection's thread.
struct Statement: Sendable {
    let ticket: Ticket
    /// The transaction that it belongs to.
    var turn: Turn?
    /// The transaction that begins with it: until its end, statements of others wait.
    var opens: Turn?
    var deadline: ContinuousClock.Instant?
    /// Does the work and answers the caller.
    var run: @Sendable (Link) -> Void
    /// Answers the caller that the work was not done.
    var refuse: @Sendable (PostgresError) -> Void

    /// Names a statement so that others can ask for its end, even before it is in the queue.
    final class Ticket: Sendable {
        private let cancelled = Atomic<Bool>(false)

        var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
        func cancel() { cancelled.store(true, ordering: .releasing) }
    }
}
