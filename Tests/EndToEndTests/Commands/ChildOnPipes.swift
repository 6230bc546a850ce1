import Glibc

/// A child whose standard output and error are read side by side, on the thread that started it.
struct ChildOnPipes {
    private let pid: pid_t
    private let output: Int32
    private let errors: Int32
    private var bytes: [UInt8] = []
    private var narration: [UInt8] = []

    /// Starts `arguments[0]` with nothing blocked or ignored; `input` fits in a pipe.
    static func start(_ arguments: [String], environment: [String], input: String) throws -> ChildOnPipes {
        let pipes = try (0..<3).map { _ in try closedOnExec() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[0][0], 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 1)
        posix_spawn_file_actions_adddup2(&actions, pipes[2][1], 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid = pid_t()
        let status = posix_spawn(&pid, arguments[0], &actions, &attributes, &words, &variables)
        _ = Array(input.utf8).withUnsafeBytes { write(pipes[0][1], $0.baseAddress, $0.count) }
        for end in [pipes[0][0], pipes[0][1], pipes[1][1], pipes[2][1]] { close(end) }
        guard status == 0 else {
            close(pipes[1][0])
            close(pipes[2][0])
            throw Piste.Failure(
                description: "cannot run \(arguments[0]): \(String(cString: strerror(status)))")
        }
        return ChildOnPipes(pid: pid, output: pipes[1][0], errors: pipes[2][0])
    }

    private init(pid: pid_t, output: Int32, errors: Int32) {
        self.pid = pid
        self.output = output
        self.errors = errors
    }

    /// Reads until the child has ended, and kills it at the deadline.
    ///
    /// What it left running may hold the pipes open, so their end is not waited for.
    mutating func outcome(within limit: Duration) throws -> Piste.Outcome {
        defer {
            close(output)
            close(errors)
        }
        let end = ContinuousClock.now.advanced(by: limit)
        var status: Int32 = 0
        while true {
            let hasEnded = waitpid(pid, &status, WNOHANG) == pid
            while drain(patience: hasEnded ? 0 : 20) {}
            if hasEnded { break }
            guard ContinuousClock.now < end else {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                throw Piste.Failure(description: "it did not end in time: \(outcome(128 + SIGKILL))")
            }
        }
        return outcome(status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f)
    }

    private func outcome(_ status: Int32) -> Piste.Outcome {
        Piste.Outcome(
            status: status, bytes: bytes, narration: String(decoding: narration, as: UTF8.self))
    }

    /// Takes what is there; false when nothing came within so many milliseconds.
    private mutating func drain(patience: Int32) -> Bool {
        var sources = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&sources, 2, patience) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        for source in sources where source.revents & Int16(POLLIN) != 0 {
            let count = max(0, read(source.fd, &buffer, buffer.count))
            total += count
            if source.fd == output { bytes += buffer[..<count] } else { narration += buffer[..<count] }
        }
        // Both ends hung up: the child is about to be gone.
        if total == 0, patience > 0 { usleep(2_000) }
        return total > 0
    }

    private static func closedOnExec() throws -> [Int32] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Piste.Failure(description: "cannot open a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }
}
