import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A real OpenID Connect provider on this machine: `oidc-provider-mock` from PyPI, in an environment of its own.
final class RealProvider: Sendable {
    private static let package = "oidc-provider-mock==0.3.4"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Installed once.
    static let program = Task<PythonEnvironment, Never> {
        guard (try? await TestSupport.Program.run("/usr/bin/env", ["curl", "--version"]))?.status == 0 else {
            return .missing("curl is not installed")
        }
        return await PythonEnvironment.with([package], importing: "oidc_provider_mock")
    }

    /// Whether there is one.
    static func isThere() async -> Bool { await program.value.path != nil }

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
        let started = try await TestSupport.Program.run(
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
