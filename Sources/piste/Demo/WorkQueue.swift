import Synchronization

/// Items that several workers take one by one.
final class WorkQueue<Item: Sendable>: Sendable {
    private let items: [Item]
    private let next = Mutex(0)

    init(_ items: [Item]) {
        self.items = items
    }

    /// The next item; nil when there is none left.
    func take() -> Item? {
        next.withLock { next in
            guard next < items.count else { return nil }
            defer { next += 1 }
            return items[next]
        }
    }

    /// Has so many workers take items side by side; the first failure ends the others.
    func drain(by workers: Int, _ work: @escaping @Sendable (WorkQueue) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(workers, items.count) { group.addTask { try await work(self) } }
            try await group.waitForAll()
        }
    }
}
