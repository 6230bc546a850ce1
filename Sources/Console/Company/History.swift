import Tenancy

/// The screens of one context that were visited; it holds no row and ends with the context.
struct History: Equatable, Sendable {
    /// A screen, by what it shows and not by its rows.
    struct Stop: Equatable, Sendable {
        var tab: ContextState.Tab
        /// The screens that were opened, as they are before anything was read.
        var path: [AnyTenantScreen]
        var isAuditFullScreen: Bool
    }

    /// The most screens kept in each direction.
    static let capacity = 50

    private(set) var current: Stop?
    private var before: [Stop] = []
    private var after: [Stop] = []

    /// Notes the screen that is on; a new one cuts off what lay forward.
    mutating func visit(_ stop: Stop) {
        guard let current, current != stop else {
            current = stop
            return
        }
        before.append(current)
        if before.count > Self.capacity { before.removeFirst() }
        after = []
        self.current = stop
    }

    /// The screen before the current one, which is the current one from now on.
    mutating func goBack() -> Stop? {
        guard let stop = before.popLast() else { return nil }
        if let current { after.append(current) }
        current = stop
        return stop
    }

    /// The screen that was gone back from.
    mutating func goForward() -> Stop? {
        guard let stop = after.popLast() else { return nil }
        if let current { before.append(current) }
        current = stop
        return stop
    }
}

extension ContextState {
    /// The screen that is on, as the history keeps it.
    var stop: History.Stop {
        History.Stop(
            tab: tab,
            path: path.map { AnyTenantScreen($0.screen.unread) }, isAuditFullScreen: audit.isFullScreen)
    }
}
