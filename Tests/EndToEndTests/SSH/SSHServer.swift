import FoundationEssentials
import Glibc
import TestSupport

/// An OpenSSH server on the loopback interface, with keys of its own, that lets in whoever runs the tests.
final class SSHServer {
    static let program: String? = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].first { access($0, X_OK) == 0 }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: String
    let port: Int
    private var pid: pid_t = 0

    /// Starts it; a client that does not answer for about three seconds is gone.
    ///
    /// With `forced` whoever comes gets this command and nothing else, as the manual says for a kiosk.
    init(forcing forced: String? = nil) async throws {
        folder = "/tmp/piste-ssh-\(UUID().uuidString.prefix(8))"
        mkdir(folder, 0o700)
        // Debian's sshd wants this folder when it runs as root.
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        for name in ["host", "user"] {
            _ = try await Self.run(
                "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
        }
        var started: Program?
        var port = 0
        for _ in 0..<20 where started?.status != 0 {
            port = Int.random(in: 20_000..<60_000)
            try Self.configuration(port, in: folder, forced).write(
                toFile: "\(folder)/config", atomically: true, encoding: .utf8)
            started = try await Program.run(
                Self.program ?? "/usr/sbin/sshd", ["-f", "\(folder)/config", "-E", "\(folder)/log"])
        }
        self.port = port
        guard started?.status == 0 else {
            throw Failure(description: "sshd did not start: \(started?.errors ?? "")")
        }
        for _ in 0..<1000 where pid == 0 {
            pid =
                (try? String(contentsOfFile: "\(folder)/pid", encoding: .utf8)).flatMap {
                    pid_t($0.filter(\.isNumber))
                } ?? 0
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    deinit {
        if pid > 0 { kill(pid, SIGTERM) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The beginning of every ssh to this server, without a terminal.
    func plain(_ arguments: [String], program: String = "ssh") async throws -> Program {
        try await Program.run(
            "/usr/bin/env",
            [program] + options + ["-o", "Port=\(port)", "-o", "ConnectTimeout=20"] + arguments,
            limit: .seconds(60))
    }

    /// Nothing of whoever runs the tests: no configuration, no other key, no known host, no question.
    private var options: [String] {
        [
            "-F", "/dev/null", "-i", "\(folder)/user", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
        ]
    }

    /// What a user types to run a program there.
    func command(_ remote: String, link: SSHLink) -> [String] {
        let script = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let proxy = [
            "/usr/bin/python3", "-B", "/\(script)/Scripts/link.py", "127.0.0.1", "\(port)", "--delay",
            "\(link.delay)", "--rate", "\(link.rate)", "--note", link.file,
        ].joined(separator: " ")
        return ["ssh", "-tt"] + options + ["-o", "ProxyCommand=\(proxy)", "127.0.0.1", remote]
    }

    private static func configuration(_ port: Int, in folder: String, _ forced: String?) -> String {
        let kiosk = forced.map {
            "ForceCommand \($0)\nDisableForwarding yes\nPermitUserRC no\nSubsystem sftp internal-sftp\n"
        }
        return """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/host
            AuthorizedKeysFile \(folder)/user.pub
            PidFile \(folder)/pid
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin yes
            PrintMotd no
            PrintLastLog no
            ClientAliveInterval 1
            ClientAliveCountMax 2
            \(kiosk ?? "")
            """
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Program {
        let outcome = try await Program.run("/usr/bin/env", [program] + arguments)
        guard outcome.status == 0 else { throw Failure(description: "\(program): \(outcome.errors)") }
        return outcome
    }
}
