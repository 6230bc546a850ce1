import Glibc

/// A shell that outlives the test process by a moment: it reads a pipe that only this process holds open, and
/// removes the cluster when the pipe ends.
enum Watchdog {
    private static let script = """
        read -r _
        serves() { [ "$(readlink "/proc/$2/cwd")" = "$1/cluster/data" ]; }
        if serves "$@"; then kill -QUIT "$2"; while serves "$@"; do sleep 0.1; done; fi
        rm -rf "$1"
        """

    /// Never ends the pipe by itself: the process's end does.
    static func `guard`(folder: String, server: pid_t) {
        watch(script, [folder, String(server)])
    }

    /// Runs a script that begins by reading the pipe.
    static func watch(_ script: String, _ words: [String]) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        // What waits for the end of the tests' output must not wait for the shell.
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // A group of its own: Ctrl-C ends the tests, and then it is needed.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        let command = ["/bin/sh", "-c", script, "sh"] + words
        var arguments = command.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var pid = pid_t()
        posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ)
        close(ends[0])
    }
}
