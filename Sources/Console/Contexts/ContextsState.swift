import Tenancy

/// The list of contexts that are open: one's own, or everybody's for an admin.
struct ContextsState: Equatable, Sendable {
    /// The company that the question was asked from: who is inside it comes first.
    var customer: String?
    var list = ShortList<ContextRecord>()
    var pending: RequestID?
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?

    var selectedRecord: ContextRecord? { list.selectedRow }
}

extension ContextRecord: ShortRow {
    var texts: [String?] { [operatorName, companyName, urlID, purpose.rawValue, subject, reason, ticket] }

    static var orders: [(@Sendable (ContextRecord, ContextRecord) -> Bool)?] {
        [
            { $0.operatorName < $1.operatorName }, { $0.companyName < $1.companyName },
            { $0.purpose.rawValue < $1.purpose.rawValue }, { $0.subject ?? "" < $1.subject ?? "" },
            { $0.reason ?? "" < $1.reason ?? "" }, { $0.expiresAt < $1.expiresAt },
        ]
    }
}
