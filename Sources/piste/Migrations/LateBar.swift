import Synchronization

/// A progress bar for work whose amount is known only once it begins; nothing to do shows none.
final class LateBar: Sendable {
    private let title: String
    private let bar = Mutex<ProgressBar?>(nil)

    init(_ title: String) {
        self.title = title
    }

    func begin(_ total: Int) {
        guard total > 0 else { return }
        bar.withLock { $0 = ProgressBar(title, total: total) }
    }

    func advance(by count: Int = 1) {
        bar.withLock { $0?.advance(by: count) }
    }

    func finish() {
        bar.withLock { bar in
            bar?.finish()
            bar = nil
        }
    }
}
