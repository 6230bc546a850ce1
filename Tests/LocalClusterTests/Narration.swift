import Synchronization

/// What starters said, from whatever thread.
final class Narration: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    func count(_ beginning: String) -> Int {
        lines.withLock { lines in lines.count { $0.hasPrefix(beginning) } }
    }
}
