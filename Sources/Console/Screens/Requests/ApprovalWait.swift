import Tenancy

/// An impersonation of one's own that waits for a second operator.
struct ApprovalWait: Equatable, Sendable {
    var request: ApprovalRequest
    /// What is opened once it is approved.
    var wish: ImpersonationRequest
    /// The end of its time by this machine's monotonic clock.
    var endsAt: Milliseconds
    /// A read of it is on its way, and whether another one is wanted after it.
    var isBeingRead = false
    var isLookedForAgain = false

    init(_ request: ApprovalRequest, wish: ImpersonationRequest, now: Milliseconds) {
        self.request = request
        self.wish = wish
        self.wish.approval = request.id
        endsAt = now + Milliseconds(max(0, request.secondsLeft) * 1000)
    }

    /// Takes in what became of it.
    mutating func take(_ request: ApprovalRequest, at now: Milliseconds) {
        self.request = request
        endsAt = now + Milliseconds(max(0, request.secondsLeft) * 1000)
    }

    func millisecondsLeft(at now: Milliseconds) -> Milliseconds { max(0, endsAt - now) }
}

extension ImpersonationRequest {
    /// What was asked for, to be claimed.
    init(claiming request: ApprovalRequest) {
        self.init(
            urlID: request.urlID, reason: request.reason, ticket: request.ticket, user: request.user,
            minutes: request.minutes, approval: request.id)
    }
}
