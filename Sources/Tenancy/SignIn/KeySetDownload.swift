import Glibc
import Postgres

/// Reads a key set from its address with the system's `curl`, which knows certificates and proxies better than we ever shall.
///
/// Only https, or http on this very machine; no redirection; ten seconds and 256 KiB at most.
enum KeySetDownload {
    private static let onThisMachine = ["http://127.0.0.1", "http://localhost", "http://[::1]"]

    /// Tells whether nobody on the way can change what comes from there: https, or http on this machine.
    static func isSafe(_ address: String) -> Bool {
        guard address.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return false }
        if address.hasPrefix("https://") { return true }
        guard let host = onThisMachine.first(where: address.hasPrefix) else { return false }
        var rest = address.dropFirst(host.count)
        if rest.first == ":" {
            let digits = rest.dropFirst().prefix(while: \.isNumber)
            guard (1...5).contains(digits.count) else { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        return rest.isEmpty || rest.first == "/"
    }

    /// The text at the address; throws what hindered it.
    @Sendable
    static func text(_ address: String) async throws(TenancyError) -> String {
        guard isSafe(address) else {
            throw TenancyError(
                .invalid, "Keys are read from an https address only (http on this machine): \(address).")
        }
        let outcome: Result<String, TenancyError> = await withCheckedContinuation { continuation in
            let hasThread = DedicatedThread.run(named: "piste-keys") {
                continuation.resume(returning: Result { () throws(TenancyError) in try curl(address) })
            }
            if !hasThread {
                continuation.resume(
                    returning: .failure(TenancyError(.failed, "The system grants no thread to read keys.")))
            }
        }
        return try outcome.get()
    }

    private static func curl(_ address: String) throws(TenancyError) -> String {
        let isLocal = !address.hasPrefix("https://")
        var arguments = [
            "curl", "--disable", "--silent", "--show-error", "--globoff", "--max-redirs", "0",
            "--proto", isLocal ? "=http" : "=https", "--max-time", "10",
            "--max-filesize", "\(JSONWebKeySet.longest)", "--header", "Accept: application/json",
            "--write-out", "\n%{http_code}",
        ]
        if isLocal { arguments += ["--noproxy", "*"] }
        let child = try Child(arguments + ["--url", address])
        let output = child.read(child.output, atMost: JSONWebKeySet.longest + 16)
        let narration = child.read(child.errors, atMost: 4096)
        let status = child.end(isTooLong: output == nil)
        guard let output else {
            throw failure(address, "the answer is longer than \(JSONWebKeySet.longest) bytes")
        }
        guard status == 0 else {
            let words = narration.map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw failure(
                address, words.split(separator: "\n").first.map(String.init) ?? "curl ends with \(status)")
        }
        guard let end = output.lastIndex(of: 0x0A), output[(end + 1)...].elementsEqual("200".utf8) else {
            let code = output.lastIndex(of: 0x0A).map { String(decoding: output[($0 + 1)...], as: UTF8.self) }
            throw failure(address, "the server answers with the status \(code ?? "none"), and not with 200")
        }
        guard let text = String(validating: output[..<end], as: UTF8.self) else {
            throw failure(address, "the answer is not UTF-8")
        }
        return text
    }

    private static func failure(_ address: String, _ words: String) -> TenancyError {
        TenancyError(.failed, "The provider's keys cannot be read from \(address): \(words).")
    }
}

extension KeySetDownload {
    /// A running program with a pipe for each of its two outputs and nothing to read.
    private struct Child {
        let pid: pid_t
        let output: Int32
        let errors: Int32

        init(_ arguments: [String]) throws(TenancyError) {
            var output: [Int32] = [-1, -1]
            var errors: [Int32] = [-1, -1]
            guard pipe(&output) == 0, pipe(&errors) == 0 else {
                for end in output + errors where end >= 0 { close(end) }
                throw TenancyError(.failed, "The system grants no pipe to read keys through.")
            }
            for end in output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, output[1], 1)
            posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            var none = sigset_t()
            var all = sigset_t()
            sigemptyset(&none)
            sigfillset(&all)
            posix_spawnattr_setsigmask(&attributes, &none)
            posix_spawnattr_setsigdefault(&attributes, &all)
            posix_spawnattr_setflags(
                &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
            var words = arguments.map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var pid = pid_t()
            let problem = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, environ)
            close(output[1])
            close(errors[1])
            guard problem == 0 else {
                close(output[0])
                close(errors[0])
                let reason = String(cString: strerror(problem))
                throw TenancyError(
                    .failed,
                    "Keys at an address are read with the program curl, which cannot be run (\(reason)). "
                        + "Install it, or set the provider with the keys in a file.")
            }
            (self.pid, self.output, self.errors) = (pid, output[0], errors[0])
        }

        /// Everything that comes; nil when it is more than so many bytes.
        func read(_ descriptor: Int32, atMost limit: Int) -> [UInt8]? {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 8192)
            while bytes.count <= limit {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return bytes }
                bytes += buffer[..<count]
            }
            kill(pid, SIGKILL)
            return nil
        }

        /// Waits for the end; the exit status, 128 + n after signal n.
        func end(isTooLong: Bool) -> Int32 {
            if isTooLong { kill(pid, SIGKILL) }
            close(output)
            close(errors)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 {
                if errno != EINTR { return 0 }
            }
            return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        }
    }
}
