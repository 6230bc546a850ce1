import Tenancy

/// The requests of which something can still come, kept up to date whether they are on screen or not.
struct RequestsState: Equatable, Sendable {
    var list = ShortList<ApprovalRequest>()
    var pending: RequestID?
    /// Something changed while the list was being read.
    var isStale = false
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?

    var selectedRecord: ApprovalRequest? { list.selectedRow }
    /// How many wait for this operator.
    var forMe: Int { list.rows.count { $0.mayDecide } }
}

extension ApprovalRequest: ShortRow {
    var texts: [String?] {
        [operatorName, companyName, urlID, user, reason, ticket, state.rawValue, decidedBy, decision]
    }

    static var orders: [(@Sendable (ApprovalRequest, ApprovalRequest) -> Bool)?] {
        [
            { $0.operatorName < $1.operatorName }, { $0.companyName < $1.companyName },
            { $0.user ?? "" < $1.user ?? "" }, { $0.reason < $1.reason },
            { $0.ticket ?? "" < $1.ticket ?? "" }, { $0.minutes < $1.minutes },
            { $0.state.rawValue < $1.state.rawValue }, { $0.expiresAt < $1.expiresAt },
        ]
    }
}
