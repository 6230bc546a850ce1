import Tenancy

/// The requests of which something can still come, kept up to date whether they are on screen or not.
struct RequestsInbox: Equatable, Sendable {
    var rows: [ApprovalRequest] = []
    var pending: RequestID?
    /// Something changed while they were being read.
    var isStale = false
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?

    /// How many wait for this operator.
    var forMe: Int { rows.count { $0.mayDecide } }

    /// Asks for them: one read at a time, however often something is announced.
    mutating func load(_ request: RequestID, at now: Milliseconds) -> [Effect] {
        isStale = pending != nil
        guard pending == nil else { return [] }
        pending = request
        since = now
        return [.control(.loadRequests(request))]
    }
}
