import Glibc
import Synchronization

/// Standard output, written in large pieces; a reader that went away ends the process quietly.
final class StandardOutput: Sendable {
    static let shared = StandardOutput()

    private let buffer = Mutex<[UInt8]>([])

    /// Whether a person looks at it.
    static let isTerminal = isatty(STDOUT_FILENO) == 1
    /// The columns and rows of the terminal; nil when there is none.
    static var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
    static var columns: Int? { size?.columns }

    func write(_ text: String) throws {
        try write(text.utf8)
    }

    func write(_ bytes: some Sequence<UInt8>) throws {
        let isFull = buffer.withLock { buffer in
            buffer += bytes
            return buffer.count > 1 << 16
        }
        if isFull { try flush() }
    }

    func line(_ text: String) throws {
        try write(text + "\n")
    }

    func flush() throws {
        let bytes = buffer.withLock { buffer in
            defer { buffer.removeAll(keepingCapacity: true) }
            return buffer
        }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EPIPE { throw ReaderGone() }
            guard count >= 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandError(.failed, "cannot write to standard output: \(reason)")
            }
            sent += count
        }
    }

    /// Nobody reads what is written, as after `| head`; no failure of the command.
    struct ReaderGone: Error {}
}
