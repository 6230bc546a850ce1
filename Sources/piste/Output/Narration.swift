import Glibc
import Host

/// What piste tells beside its data: on standard error, safe text only.
enum Narration {
    /// Whether a person looks at it, so that a line may be drawn again in its place.
    static let isTerminal =
        isatty(STDERR_FILENO) == 1 && Environment.value("TERM") != "dumb" && !isQuiet
    /// Whether progress may be drawn: not for whoever listens.
    static let draws = isTerminal && !CommandLine.arguments.contains("--plain")
    /// The columns of the terminal.
    static var columns: Int {
        var size = winsize()
        guard isTerminal, ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    /// Whether only failures are told: `--quiet`, or `PISTE_QUIET`.
    static let isQuiet = Piste.isQuiet

    /// Writes a line, where it was not asked to be quiet.
    static func say(_ text: String) {
        guard !isQuiet else { return }
        tell(text)
    }

    /// Writes a line that is told in any case: what went wrong, and what is asked.
    static func tell(_ text: String) {
        write(text + "\n")
    }

    static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

extension Narration {
    /// Says that a list goes on behind its limit.
    static func sayMore(_ limit: Int) {
        say("… there are more than \(limit); --limit N shows more")
    }
}
