import Tenancy

/// The list of contexts that are open: one's own, or everybody's for an admin.
struct ContextsState: Equatable, Sendable {
    /// The company that the question was asked from: who is inside it comes first.
    var customer: String?
    var records: [ContextRecord] = []
    var selected: String?
    var top = 0
    var pending: RequestID?
    var since: Milliseconds = 0
    var isLoaded = false
    var failure: String?
    /// When the records were read, so that the time left can be counted on.
    var readAt: Milliseconds = 0

    var selectedIndex: Int? { records.firstIndex { $0.jti == selected } }
    var selectedRecord: ContextRecord? { selectedIndex.map { records[$0] } }

    mutating func move(by delta: Int, height: Int) {
        guard !records.isEmpty else { return }
        let reached = min(max(0, (selectedIndex ?? 0) + delta), records.count - 1)
        selected = records[reached].jti
        if reached < top { top = reached }
        if reached >= top + height { top = reached - height + 1 }
    }
}
