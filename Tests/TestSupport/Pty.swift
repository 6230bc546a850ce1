import CTerminal
import Glibc

/// A program on a pseudo-terminal, with everything it wrote.
package final class Pty {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let process: Int32
    package let master: Int32
    package private(set) var output: [UInt8] = []
    private var status: Int32?

    package init(
        _ arguments: [String], environment: [String: String], rows: Int = 30, columns: Int = 100
    ) throws {
        var master: Int32 = -1
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        process = piste_pty_spawn(arguments[0], &argv, &envp, nil, Int32(rows), Int32(columns), &master)
        for string in argv + envp { free(string) }
        self.master = master
        guard process > 0 else { throw Failure(description: "cannot run \(arguments) on a terminal") }
    }

    /// Closing a number twice would close what somebody else opened meanwhile.
    private var isHungUp = false

    deinit {
        if !isHungUp { close(master) }
        guard status == nil else { return }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// Types into the terminal; at one that is closed nothing happens.
    package func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    package func resize(rows: Int, columns: Int) {
        _ = piste_pty_resize(master, Int32(rows), Int32(columns))
    }

    package func signal(_ number: Int32) {
        kill(process, number)
    }

    /// Reads what the program writes for at most `milliseconds`.
    ///
    /// - Returns: false when it wrote nothing, or its end of the terminal is closed.
    @discardableResult
    package func read(for milliseconds: Int32 = 20) -> Bool {
        var polled = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = Glibc.read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        output += buffer.prefix(count)
        return true
    }

    /// Reads until `condition` holds; false after ten seconds.
    package func read(until condition: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            if !read() { usleep(20_000) }
        }
        return condition()
    }

    /// The wait status once the program ended; nil when it does not within ten seconds.
    package func wait(stopped: Bool = false) -> Int32? {
        var found: Int32 = 0
        for _ in 0..<500 {
            if waitpid(process, &found, WNOHANG | (stopped ? WUNTRACED : 0)) == process {
                if !stopped { status = found }
                while read(for: 10) {}
                return found
            }
            if !read() { usleep(20_000) }
        }
        return nil
    }

    /// Lets go of the terminal, as a lost connection does.
    package func hangUp() {
        guard !isHungUp else { return }
        isHungUp = true
        close(master)
    }

    /// The terminal's modes, as the program left them.
    package var modes: [UInt32] {
        var modes = termios()
        tcgetattr(master, &modes)
        return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
    }
}
