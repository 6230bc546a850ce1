import Synchronization

/// The companies of one run: workers take them, and bring back those that were in use.
final class MigrationQueue: Sendable {
    /// A company that a worker is to migrate, and for the how many-th time.
    struct Item: Sendable {
        var urlID: String
        var attempt: Int
    }

    private struct State {
        var items: [Item]
        var isStopped = false
        var settled = 0
        var summary = MigrationRun.Summary()
    }

    private let state: Mutex<State>
    private let attempts: Int
    private let stopsAtFailure: Bool

    init(_ companies: [String], attempts: Int, stopsAtFailure: Bool) {
        self.attempts = attempts
        self.stopsAtFailure = stopsAtFailure
        state = Mutex(State(items: companies.reversed().map { Item(urlID: $0, attempt: 1) }))
    }

    /// The next company; nil when there is none left, or when something has failed.
    func take() -> Item? {
        state.withLock { $0.isStopped ? nil : $0.items.popLast() }
    }

    /// Has nobody take another company.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Counts a company that is no longer there.
    func forget() {
        state.withLock { $0.settled += 1 }
    }

    /// Notes what came of a company; false when it was in use and will be tried again, after all others.
    func settle(_ item: Item, _ outcome: MigrationOutcome) -> Bool {
        state.withLock { state in
            switch outcome.state {
            case .done:
                if !outcome.wasCurrent { state.summary.done += 1 }
            case .waiting, .pending, .running:
                guard item.attempt >= attempts else {
                    state.items.insert(Item(urlID: item.urlID, attempt: item.attempt + 1), at: 0)
                    return false
                }
                state.summary.waiting.append(outcome)
            case .failed:
                state.summary.failed.append(outcome)
                if stopsAtFailure { state.isStopped = true }
            }
            state.settled += 1
            return true
        }
    }

    /// How many companies are settled.
    var count: Int { state.withLock(\.settled) }

    func add(to summary: inout MigrationRun.Summary) {
        let own = state.withLock(\.summary)
        summary.done += own.done
        summary.failed += own.failed
        summary.waiting += own.waiting
    }
}
