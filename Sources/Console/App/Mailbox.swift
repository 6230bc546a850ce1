import Glibc
import Host
import Synchronization

/// Where effects post their answers; a byte in its pipe wakes the loop that polls it.
final class Mailbox: Sendable {
    private let pipe: WakePipe
    private let actions = Mutex<[Action]>([])

    init() throws(ConsoleError) {
        guard let pipe = WakePipe() else {
            throw ConsoleError("No pipe for the console's mailbox: \(String(cString: strerror(errno))).")
        }
        self.pipe = pipe
    }

    /// The end that the loop polls.
    var readEnd: Int32 { pipe.reading }

    func post(_ action: Action) {
        let isFirst = actions.withLock { actions in
            actions.append(action)
            return actions.count == 1
        }
        if isFirst { pipe.wake() }
    }

    /// Everything posted since the last call, in order.
    func takeAll() -> [Action] {
        pipe.drain()
        return actions.withLock { actions in
            defer { actions = [] }
            return actions
        }
    }
}

/// Why the console could not run, in a sentence.
package struct ConsoleError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
