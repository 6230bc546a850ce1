import Glibc
import Synchronization

/// Where effects post their answers; a byte in its pipe wakes the loop that polls it.
final class Mailbox: Sendable {
    /// The end that the loop polls.
    let readEnd: Int32
    private let writeEnd: Int32
    private let actions = Mutex<[Action]>([])

    init() throws(ConsoleError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ConsoleError("No pipe for the console's mailbox: \(String(cString: strerror(errno))).")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func post(_ action: Action) {
        let isFirst = actions.withLock { actions in
            actions.append(action)
            return actions.count == 1
        }
        guard isFirst else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Everything posted since the last call, in order.
    func takeAll() -> [Action] {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
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
