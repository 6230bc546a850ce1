import Foundation
import Glibc

/// Python with packages from PyPI, in a folder of its own beside what was built; made once.
///
/// A stranger without PyPI or `python3-venv` is told so, and the tests that need it are skipped.
package enum PythonEnvironment: Sendable {
    case python(String)
    case missing(String)

    /// The environment's Python; nil when there is none.
    package var path: String? { if case .python(let path) = self { path } else { nil } }

    /// The environment with these packages, each with its version.
    ///
    /// - Parameter module: what can be imported once it is whole.
    package static func with(_ packages: [String], importing module: String) async -> PythonEnvironment {
        let environment = await withCheckedContinuation { continuation in
            OwnThread.run { continuation.resume(returning: made(packages, module)) }
        }
        if case .missing(let why) = environment {
            let text = "The tests with \(packages.joined(separator: ", ")) are skipped: \(why)\n"
            FileHandle.standardError.write(Data(text.utf8))
        }
        return environment
    }

    private static func made(_ packages: [String], _ module: String) -> PythonEnvironment {
        let home = BuiltBinary.folder + "/" + packages.joined(separator: "+")
        let ready = home + "/bin/python"
        let check = ["-c", "import \(module)"]
        func runs(_ path: String, _ arguments: [String]) -> String? {
            guard let ended = try? Program.run(path, arguments, limit: .seconds(300)) else {
                return "\(path) cannot be run"
            }
            let last = (ended.output + ended.errors).split(separator: "\n").last.map(String.init)
            return ended.status == 0 ? nil : last ?? "it ends with \(ended.status)"
        }
        if runs(ready, check) == nil { return .python(ready) }
        guard
            let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first(where: {
                runs($0, ["-c", "import ensurepip, venv"]) == nil
            })
        else { return .missing("there is no python3 with venv (Debian: python3-venv)") }
        // Made aside and then moved, so that another process that does the same finds it whole or not at all.
        let making = home + ".\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: making) }
        if let problem = runs(python, ["-m", "venv", making]) {
            return .missing("python3 -m venv: \(problem)")
        }
        let install = [
            "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout",
            "15",
        ]
        if let problem = runs(making + "/bin/python", install + packages) {
            return .missing("they cannot be installed from PyPI: \(problem)")
        }
        try? FileManager.default.removeItem(atPath: home)
        try? FileManager.default.moveItem(atPath: making, toPath: home)
        return runs(ready, check).map { .missing($0) } ?? .python(ready)
    }

    /// Runs a program's text with arguments and input.
    package static func run(
        _ python: String, _ text: String, _ arguments: [String] = [], input: String = ""
    ) async throws -> Program {
        try await Program.run(python, ["-B", "-c", text] + arguments, input: input, limit: .seconds(300))
    }
}
