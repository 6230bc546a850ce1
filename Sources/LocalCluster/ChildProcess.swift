import Glibc
import Host
import Postgres

/// Runs a program to its end, with everything it prints in one text.
struct ChildProcess {
    var status: Int32
    var output: String

    var isSuccess: Bool { status == 0 }

    /// Runs `arguments[0]`, an absolute path, in the root directory; `input` fits in a pipe.
    static func run(_ arguments: [String], input: String = "") throws(LocalClusterError) -> ChildProcess {
        var stdin: [Int32] = [-1, -1]
        var stdout: [Int32] = [-1, -1]
        guard pipe(&stdin) == 0, pipe(&stdout) == 0 else { throw .files("open a pipe") }
        for end in stdin + stdout { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = Array(input.utf8).withUnsafeBytes { write(stdin[1], $0.baseAddress, $0.count) }
        close(stdin[1])
        let pid = spawn(arguments, stdin: stdin[0], stdout: stdout[1])
        close(stdin[0])
        close(stdout[1])
        defer { close(stdout[0]) }
        guard let pid else { throw .files("run \(arguments.first ?? "")") }
        let output = readAll(stdout[0])
        return ChildProcess(status: wait(for: pid), output: output)
    }

    private static func spawn(_ arguments: [String], stdin: Int32, stdout: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stdin, 0)
        posix_spawn_file_actions_adddup2(&actions, stdout, 1)
        posix_spawn_file_actions_adddup2(&actions, stdout, 2)
        // A server that stays must not keep files and sockets of this process open.
        for descriptor in Files.names(in: "/dev/fd").compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        // PostgreSQL's programs fail in a directory that their user may not enter.
        let command = ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh"] + arguments
        var argv = command.map { strdup($0) } + [nil]
        var environment = childEnvironment.map { strdup($0) } + [nil]
        defer { for text in argv + environment { free(text) } }
        var pid = pid_t()
        let status = ChildSignals.clean { posix_spawn(&pid, command[0], &actions, $0, &argv, &environment) }
        return status == 0 ? pid : nil
    }

    /// This process's environment without libpq's and the server's variables, and with messages in English.
    private static var childEnvironment: [String] {
        Environment.lines.filter { !$0.hasPrefix("PG") && !$0.hasPrefix("LC_ALL=") } + ["LC_ALL=C"]
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// The exit status; 128 + n after signal n; 0 when the system has thrown it away (SIGCHLD ignored).
    private static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            if errno != EINTR { return 0 }
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }
}

extension LocalClusterError {
    /// A failed system call, named by what it was to do, with the system's reason.
    static func files(_ deed: String) -> LocalClusterError {
        LocalClusterError(.files, "cannot \(deed): \(String(cString: strerror(errno)))")
    }
}
