import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A real OpenID Connect provider on this machine: `oidc-provider-mock` from PyPI, in an environment of its own.
final class RealProvider: Sendable {
    private static let package = "oidc-provider-mock==0.3.4"

    /// The program, or why there is none.
    enum Program: Sendable {
        case python(String)
        case missing(String)

        /// The environment's Python; nil when there is none.
        var path: String? { if case .python(let path) = self { path } else { nil } }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Installed once, beside what was built; a stranger without PyPI or `python3-venv` is told so, and the suite is skipped.
    static let program = Task<Program, Never> {
        let program = await withCheckedContinuation { continuation in
            OwnThread.run { continuation.resume(returning: installed()) }
        }
        if case .missing(let why) = program {
            let text = "The tests with a real OpenID Connect provider are skipped: \(why)\n"
            FileHandle.standardError.write(Data(text.utf8))
        }
        return program
    }

    /// Whether there is one.
    static func isThere() async -> Bool { await program.value.path != nil }

    private static func installed() -> Program {
        let home = BuiltBinary.folder + "/" + package
        let ready = home + "/bin/python"
        let check = ["-c", "import oidc_provider_mock"]
        func runs(_ path: String, _ arguments: [String], seconds: Int = 300) -> String? {
            guard let ended = try? TestSupport.Program.run(path, arguments, limit: .seconds(seconds)) else {
                return "\(path) cannot be run"
            }
            let last = (ended.output + ended.errors).split(separator: "\n").last.map(String.init)
            return ended.status == 0 ? nil : last ?? "it ends with \(ended.status)"
        }
        if runs(ready, check) == nil { return .python(ready) }
        guard runs("/usr/bin/env", ["curl", "--version"]) == nil else {
            return .missing("curl is not installed")
        }
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
            package,
        ]
        if let problem = runs(making + "/bin/python", install) {
            return .missing("\(package) cannot be installed from PyPI: \(problem)")
        }
        try? FileManager.default.removeItem(atPath: home)
        try? FileManager.default.moveItem(atPath: making, toPath: home)
        return runs(ready, check).map { .missing($0) } ?? .python(ready)
    }

    /// Its address, which is also its issuer.
    let issuer: String
    private let pid: pid_t
    private let folder: TemporaryFolder
    private let isEnded = Mutex(false)

    /// Starts a provider that knows these users, each a JSON object with `sub` and claims.
    ///
    /// `lifetime` is that of its tokens, in seconds; below zero they have expired when they are made.
    init(users: [String], port: Int = 0, lifetime: Int = 600) async throws {
        guard let python = await Self.program.value.path else { throw Failure(description: "no provider") }
        folder = try TemporaryFolder()
        let log = folder.path + "/log"
        let command =
            [
                "exec", python, "-m", "oidc_provider_mock", "--port", "\(port)", "--token-max-age",
                "\(lifetime)",
            ]
            + users.flatMap { ["--user-claims", "'\($0)'"] }
        let started = try TestSupport.Program.run(
            "/bin/sh", ["-c", "(\(command.joined(separator: " "))) >'\(log)' 2>&1 & echo $!"])
        pid = try #require(pid_t(started.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        let found = Mutex<String?>(nil)
        let isUp = try await eventually {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            guard let match = text.firstMatch(of: /running on (http:\/\/127\.0\.0\.1:\d+)/) else {
                return false
            }
            found.withLock { $0 = String(match.1) }
            return true
        }
        guard isUp, let address = found.withLock({ $0 }) else {
            kill(pid, SIGTERM)
            throw Failure(
                description: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "it does not start")
        }
        issuer = address
    }

    deinit { end() }

    /// The port it listens at.
    var port: Int { Int(issuer.split(separator: ":").last ?? "") ?? 0 }

    /// Ends the provider and waits until nobody listens.
    func stop() async throws {
        end()
        _ = try await eventually { try await curl("--fail", issuer + "/jwks").status == 7 }
    }

    /// Once: afterwards the number may be another process's.
    private func end() {
        isEnded.withLock { isEnded in
            if !isEnded { kill(pid, SIGTERM) }
            isEnded = true
        }
    }

    /// What its discovery document says.
    func discovered(_ name: String) async throws -> String {
        let answer = try await curl("--fail", issuer + "/.well-known/openid-configuration")
        let document = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        return try #require(document?[name] as? String)
    }

    /// Signs a user in by the authorization code flow, as a browser and an application do, and gives the ID token.
    func signIn(_ user: String, client: String, nonce: String? = nil) async throws -> String {
        let callback = "http://127.0.0.1/callback"
        var query = [
            "response_type=code", "client_id=\(client)", "redirect_uri=\(Self.escaped(callback))",
            "scope=openid%20email", "state=s",
        ]
        if let nonce { query.append("nonce=\(nonce)") }
        let place = try await discovered("authorization_endpoint")
        // The user types a name and agrees; the provider sends the browser back with a code.
        let agreed = try await curl(
            "--data", "sub=\(user)", "--output", "/dev/null", "--write-out", "%{redirect_url}",
            place + "?" + query.joined(separator: "&"))
        let code = try #require(
            URLComponents(string: agreed.output)?.queryItems?.first { $0.name == "code" }?.value, "\(agreed)")
        let answer = try await curl(
            "--user", "\(client):secret", "--data", "grant_type=authorization_code", "--data", "code=\(code)",
            "--data-urlencode", "redirect_uri=\(callback)", try await discovered("token_endpoint"))
        let tokens = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        return try #require(tokens?["id_token"] as? String, "\(answer.output)")
    }

    private func curl(_ arguments: String...) async throws -> TestSupport.Program {
        let arguments = ["curl", "--silent", "--noproxy", "*", "--max-time", "60"] + arguments
        return try await withCheckedThrowingContinuation { continuation in
            OwnThread.run {
                continuation.resume(with: Result { try TestSupport.Program.run("/usr/bin/env", arguments) })
            }
        }
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
