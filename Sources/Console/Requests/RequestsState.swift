import Tenancy

/// The requests of which something can still come, kept up to date whether they are on screen or not.
struct RequestsState: Equatable, Sendable {
    var records: [ApprovalRequest] = []
    var selected: String?
    var top = 0
    var pending: RequestID?
    /// Something changed while the list was being read.
    var isStale = false
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?

    var selectedIndex: Int? { records.firstIndex { $0.id == selected } }
    var selectedRecord: ApprovalRequest? { selectedIndex.map { records[$0] } }
    /// How many wait for this operator.
    var forMe: Int { records.count { $0.mayDecide } }

    mutating func move(by delta: Int, height: Int) {
        guard !records.isEmpty else { return }
        let reached = min(max(0, (selectedIndex ?? 0) + delta), records.count - 1)
        selected = records[reached].id
        if reached < top { top = reached }
        if reached >= top + height { top = reached - height + 1 }
    }
}
