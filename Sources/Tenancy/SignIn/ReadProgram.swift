import Glibc
import Host
import Postgres

/// A running program with a pipe for each of its two outputs and nothing to read.
struct ReadProgram {
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
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let problem = ChildSignals.clean { posix_spawnp(&pid, arguments[0], &actions, $0, &words, environ) }
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
