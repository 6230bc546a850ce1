/// How long the running statement may take, and what is done about it when it takes longer.
///
/// Stopping is asked for, asked again (a request that overtakes its statement stops nothing), and after the
/// grace the socket is shut.
struct Patience {
    let grace: Duration
    private var deadline: ContinuousClock.Instant?
    private var reason: PostgresError.Code?
    private var nextRequest = ContinuousClock.now
    private var giveUp = ContinuousClock.now
    private var pause = Duration.zero
    /// Tells whether the socket had to be shut.
    private(set) var hasGivenUp = false

    static let gaveUp = "the server did not stop a statement in time; the connection is closed"

    struct Step {
        /// The statement should end: it was cancelled, or its time is over.
        var hasReason = false
        var sendsCancel = false
        var givesUp = false
        var wakeAt: ContinuousClock.Instant?
    }

    init(grace: Duration) {
        self.grace = grace
    }

    mutating func begin(deadline: ContinuousClock.Instant?) {
        self.deadline = deadline
        reason = nil
        hasGivenUp = false
    }

    mutating func step(isCancelRequested: Bool) -> Step {
        guard deadline != nil || isCancelRequested || reason != nil else { return Step() }
        let now = ContinuousClock.now
        if reason == nil {
            if isCancelRequested {
                reason = .cancelled
            } else if let deadline, deadline <= now {
                reason = .deadlineExceeded
            }
            guard reason != nil else { return Step(wakeAt: deadline) }
            nextRequest = now
            giveUp = now.advanced(by: grace)
            pause = .milliseconds(100)
        }
        guard !hasGivenUp else { return Step(hasReason: true) }
        if now >= giveUp {
            hasGivenUp = true
            return Step(hasReason: true, givesUp: true)
        }
        guard now >= nextRequest else { return Step(hasReason: true, wakeAt: min(nextRequest, giveUp)) }
        nextRequest = now.advanced(by: pause)
        pause *= 2
        return Step(hasReason: true, sendsCancel: true, wakeAt: min(nextRequest, giveUp))
    }

    /// The failure as the caller should read it: the deadline or the cancelling, when that is what ended it.
    func explain(_ error: PostgresError) -> PostgresError {
        guard let reason, error.code == .cancelled || hasGivenUp else { return error }
        var error = error
        error.code = reason
        if hasGivenUp {
            error.message = Self.gaveUp
        } else if reason == .deadlineExceeded {
            error.message = "the statement took longer than it may and was stopped"
        }
        return error
    }
}
