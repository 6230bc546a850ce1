import Foundation
import Glibc
import TestSupport

/// `piste sweep --watch` in a process of its own, until the test stops it.
final class Watcher: Sendable {
    private let pidFile: String
    private let outcome: Task<Program, any Error>

    init(_ url: String, _ arguments: [String] = ["--every", "3600"]) {
        let pidFile = "/tmp/piste-watcher-\(UUID().uuidString)"
        self.pidFile = pidFile
        outcome = Task.detached {
            try await withCheckedThrowingContinuation { continuation in
                OwnThread.run {
                    continuation.resume(
                        with: Result {
                            try Program.run(
                                "/bin/sh",
                                [
                                    "-c", "echo $$ > \"$0\"; exec \"$@\"", pidFile, BuiltBinary.path, "sweep",
                                    "--watch", "--database", url,
                                ] + arguments, limit: .seconds(240))
                        })
                }
            }
        }
    }

    /// Sends the signal, and gives how the process ended and what it wrote.
    func stop(_ signal: Int32 = SIGTERM) async throws -> Program {
        if let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
        {
            kill(pid, signal)
        }
        unlink(pidFile)
        return try await outcome.value
    }
}
