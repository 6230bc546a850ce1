import Foundation
import Glibc
import TestSupport

/// Runs the built `piste` as a child, without a terminal, and gives what it printed.
enum Piste {
    /// What a run left behind.
    struct Outcome: Sendable, CustomStringConvertible {
        /// The exit status; 128 + n after signal n.
        var status: Int32
        /// Standard output.
        var output: String
        /// Standard error.
        var narration: String

        var bytes: [UInt8] { Array(output.utf8) }
        var lines: [String] { output.split(separator: "\n").map(String.init) }

        var description: String { "exit \(status)\n--- stdout\n\(output)\n--- stderr\n\(narration)" }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static var path: String { BuiltBinary.path }

    /// Runs `piste` with these arguments, in a home of its own where neither a configuration nor a local cluster is.
    ///
    /// A run that outlives the deadline is killed and thrown as a failure, with what it had printed.
    static func run(
        program: String = path, _ arguments: [String], environment: [String: String] = [:],
        input: String = "",
        deadline: Duration = .seconds(300)
    ) async throws -> Outcome {
        let home = try TemporaryFolder()
        var variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": home.path, "LANG": "C.UTF-8", "TZ": "UTC",
            "PISTE_LOCAL_ROOT": home.path + "/cluster",
        ]
        variables.merge(environment) { $1 }
        let ended = try await Program.run(
            program, arguments, environment: variables, input: input, limit: deadline)
        withExtendedLifetime(home) {}
        let outcome = Outcome(status: ended.status, output: ended.output, narration: ended.errors)
        guard outcome.status != 128 + SIGKILL else {
            throw Failure(description: "it did not end in time: \(outcome)")
        }
        return outcome
    }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "piste-commands-\(UUID().uuidString.prefix(12))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
