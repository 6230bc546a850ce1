import Foundation
import Glibc
import TestSupport

/// A command of `piste` in a process of its own, which the test interrupts.
final class RunningPiste: Sendable {
    private let pidFile: String
    private let outcome: Task<Program, any Error>

    init(_ arguments: [String], on url: String, limit: Duration = .seconds(240)) {
        let pidFile = "/tmp/piste-running-\(UUID().uuidString)"
        self.pidFile = pidFile
        outcome = Task.detached {
            try await Program.run(
                "/bin/sh",
                ["-c", "echo $$ > \"$0\"; exec \"$@\" 2> \"$0.errors\"", pidFile, BuiltBinary.path]
                    + arguments + ["--database", url], limit: limit)
        }
    }

    /// `piste sweep --watch`.
    static func watcher(_ url: String, _ arguments: [String] = ["--every", "3600"]) -> RunningPiste {
        RunningPiste(["sweep", "--watch"] + arguments, on: url)
    }

    /// What it has told until now.
    var errors: String { (try? String(contentsOfFile: pidFile + ".errors", encoding: .utf8)) ?? "" }

    /// Sends the signal, and gives how the process ended and what it wrote.
    func stop(_ signal: Int32 = SIGTERM) async throws -> Program {
        if let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
        {
            kill(pid, signal)
        }
        unlink(pidFile)
        var ended = try await outcome.value
        ended.errors = errors
        unlink(pidFile + ".errors")
        return ended
    }
}
