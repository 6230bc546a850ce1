import Glibc
import Synchronization
import Terminal

/// A session on a demo, written as it is shown: what an asciinema player plays, and what the host can watch meanwhile.
final class Recording: Sendable {
    private struct State: Sendable {
        var cast: Cast
        var isBroken = false
    }

    /// The most that a file grows to.
    static let most = 64 << 20

    private let descriptor: Int32
    private let begun = ContinuousClock.now
    private let state: Mutex<State>

    /// Writes into a file that is open.
    init(into descriptor: Int32) {
        self.descriptor = descriptor
        state = Mutex(State(cast: Cast(title: "piste demo", startedAt: time(nil))))
    }

    /// Makes the file, which must not be there.
    convenience init(file path: String) throws {
        let descriptor = try Self.open(path)
        self.init(into: descriptor)
    }

    /// A new file for one's own eyes, and its descriptor.
    static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError(
                .failed, "the recording cannot be written: \(String(cString: strerror(errno)))", at: path,
                remedy: "name a file that is not there yet")
        }
        return descriptor
    }

    func note(_ canvas: Canvas, _ theme: Theme) {
        let seconds = self.seconds
        state.withLock { state in
            guard !state.isBroken else { return }
            let lines = state.cast.lines(for: canvas, theme, at: seconds)
            state.isBroken = !lines.allSatisfy { write($0 + "\n") }
        }
    }

    /// Says that nothing more will come.
    func end() {
        let seconds = self.seconds
        state.withLock { state in
            if !state.isBroken { _ = write(state.cast.end(at: seconds) + "\n") }
            state.isBroken = true
        }
    }

    private var seconds: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - begun).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// A disk that is full stops the recording, and nothing else.
    private func write(_ line: String) -> Bool {
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
