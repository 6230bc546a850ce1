import Dispatch
import Glibc

/// Fetches key sets with `curl`, which knows TLS, certificates and proxies better than we would.
package enum KeySetFetch {
    /// Fetches what lies at an address, in at most ten seconds and 64 kB; redirects are not followed.
    ///
    /// Throws `failed` with what curl says, or where there is no curl, and `invalid` for an address that is neither https nor
    /// on this machine.
    package static func fetch(_ address: String) async throws(TenancyError) -> [UInt8] {
        let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains {
            address.hasPrefix("http://\($0):") || address.hasPrefix("http://\($0)/")
        }
        guard isLocal || address.hasPrefix("https://") else {
            throw TenancyError(.invalid, "The keys' address is neither https:// nor http:// on localhost.")
        }
        let arguments =
            [
                "curl", "-q", "--silent", "--show-error", "--fail", "--globoff", "--max-time", "10",
                "--max-filesize", "65536", "--max-redirs", "0", "--proto", isLocal ? "=http" : "=https",
            ] + (isLocal ? ["--noproxy", "*"] : []) + ["--", address]
        let (status, output, complaint) = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: run(arguments)) }
        }
        guard status != 127 else {
            throw TenancyError(
                .failed, "The keys' address cannot be read without the program curl; install it.")
        }
        guard status == 0 else {
            let words = complaint.split(separator: "\n").first ?? "curl ends with \(status)"
            throw TenancyError(.failed, "The identity provider's keys cannot be fetched: \(words).")
        }
        return output
    }

    /// The exit status (127 when there is no such program), what it wrote, and what it complained of.
    private static func run(_ arguments: [String]) -> (Int32, [UInt8], String) {
        var (answer, words): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&answer) == 0 else { return (126, [], "no pipe") }
        defer { close(answer[0]) }
        guard pipe(&words) == 0 else {
            close(answer[1])
            return (126, [], "no pipe")
        }
        defer { close(words[0]) }
        for end in answer + words { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, answer[1], 1)
        posix_spawn_file_actions_adddup2(&actions, words[1], 2)
        var argv = arguments.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        var pid = pid_t()
        let status = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, environ)
        close(answer[1])
        close(words[1])
        guard status == 0 else { return (127, [], "") }
        let output = contents(answer[0], limit: 65_536)
        let complaint = String(decoding: contents(words[0], limit: 4096), as: UTF8.self)
        var ending: Int32 = 0
        while waitpid(pid, &ending, 0) < 0, errno == EINTR {}
        return (ending & 0x7f == 0 ? ending >> 8 & 0xff : 126, output, complaint)
    }

    private static func contents(_ file: Int32, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<min(count, max(0, limit - bytes.count))]
        }
    }
}
