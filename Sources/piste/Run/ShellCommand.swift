import Glibc
import Host
import Postgres

/// A command line that whoever runs piste gave, for a shell.
enum ShellCommand {
    /// Runs it to its end, and gives its status; 128 and more after a signal.
    ///
    /// What it tells goes to the standard error: it is no data of this program. Ctrl-C is for the command; what comes behind it is
    /// done all the same.
    ///
    /// - Parameter changes: variables for the command, beside those that there are; nil takes one away.
    static func run(_ command: String, changes: [String: String?] = [:]) throws -> Int32 {
        var variables = Environment.all
        for (name, value) in changes { variables[name] = value }
        let words: [String] = ["sh", "-c", "exec 1>&2\n" + command]
        var arguments = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        let interrupted = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, interrupted) }
        var pid = pid_t()
        let problem = ChildSignals.clean { posix_spawn(&pid, "/bin/sh", nil, $0, &arguments, &environment) }
        guard problem == 0 else {
            throw CommandError(.failed, "the command cannot be started", at: command)
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let ending = status & 0x7f
        return ending == 0 ? (status >> 8) & 0xff : 128 + ending
    }
}
