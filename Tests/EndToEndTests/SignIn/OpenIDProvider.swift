import Foundation
import Glibc
import TestSupport

/// A real OpenID provider from PyPI (oidc-provider-mock) on loopback, in a Python environment of its own.
///
/// The environment is kept in the build folder; where PyPI cannot be reached, there is none.
final class OpenIDProvider: Sendable {
    static let release = "oidc-provider-mock==0.3.4"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The Python that has the provider; nil where it could not be installed.
    static let python: String? = {
        let folder = Pages.package + "/.build/oidc-provider"
        let python = folder + "/bin/python3"
        func has() -> Bool {
            (try? Program.run(python, ["-W", "ignore", "-c", "import oidc_provider_mock"]))?.status == 0
        }
        if has() { return python }
        guard
            let base = (["/usr/bin/python3", "/usr/local/bin/python3"] as [String]).first(where: {
                access($0, X_OK) == 0
            }),
            (try? Program.run(base, ["-m", "venv", "--clear", folder], limit: .seconds(120)))?.status == 0,
            (try? Program.run(
                python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", release],
                limit: .seconds(180)))?.status == 0
        else { return nil }
        return has() ? python : nil
    }()

    let issuer: String
    private let pid: pid_t

    /// Starts a provider that knows these people, each as JSON claims.
    static func start(users: [String], tokenSeconds: Int? = nil) async throws -> OpenIDProvider {
        for _ in 0..<5 {
            let port = Int.random(in: 20_000..<40_000)
            let provider = try OpenIDProvider(port, users, tokenSeconds)
            if await provider.isUp() { return provider }
            provider.stop()
        }
        throw Failure(description: "the provider does not start")
    }

    private init(_ port: Int, _ users: [String], _ tokenSeconds: Int?) throws {
        guard let python = Self.python else { throw Failure(description: "there is no provider") }
        issuer = "http://127.0.0.1:\(port)"
        let arguments =
            [python, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "\(port)"]
            + (tokenSeconds.map { ["--token-max-age", "\($0)"] } ?? [])
            + users.flatMap { ["--user-claims", $0] }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for stream: Int32 in [1, 2] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        var argv = arguments.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        var pid = pid_t()
        guard posix_spawn(&pid, python, &actions, nil, &argv, environ) == 0 else {
            throw Failure(description: "\(python) does not start")
        }
        self.pid = pid
    }

    private func isUp() async -> Bool {
        let answered = try? await eventually {
            let asked = try await Piste.run(
                program: "/usr/bin/env", ["curl", "-s", "-f", issuer + "/.well-known/openid-configuration"])
            return asked.status == 0
        }
        return answered ?? false
    }

    func stop() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// Signs somebody in; gives where the keys are, and the ID token.
    func signIn(_ subject: String, client: String, nonce: String? = nil) async throws -> (
        keys: String, token: String
    ) {
        let script = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let run = try await Piste.run(
            program: Self.python ?? "python3",
            ["-B", "/\(script)/Scripts/sign_in.py", issuer, client, subject] + [nonce].compactMap { $0 })
        guard run.status == 0, run.lines.count == 2 else { throw Failure(description: "\(run)") }
        return (run.lines[0], run.lines[1])
    }
}
