import CTerminal
import Glibc

/// A program on a pseudo-terminal of 100 columns and 30 rows, timed as its user feels it.
final class ProgramOnTerminal {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let pid: pid_t
    private let master: Int32
    private let started = ContinuousClock.now
    private(set) var bytes = 0

    init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        var inherited = [String: String]()
        var cursor = environ
        while let entry = cursor.pointee {
            let pair = String(cString: entry).split(separator: "=", maxSplits: 1).map(String.init)
            inherited[pair[0]] = pair.count > 1 ? pair[1] : ""
            cursor += 1
        }
        inherited["TERM"] = "xterm-256color"
        inherited["LANG"] = "C.UTF-8"
        inherited.merge(environment) { $1 }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var settings = inherited.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words + settings { free(word) }
        }
        var descriptor: Int32 = -1
        pid = piste_pty_spawn(path, &words, &settings, nil, 30, 100, &descriptor)
        master = descriptor
        guard pid > 0 else { throw Failure(description: "\(path) does not start") }
    }

    deinit {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(master)
    }

    /// From the start to the first byte drawn.
    func firstByte() throws -> Duration {
        _ = try read(within: 10_000)
        return ContinuousClock.now - started
    }

    /// From the start until `text` was drawn.
    func shows(_ text: String) throws -> Duration {
        var seen: [UInt8] = []
        while !String(decoding: seen, as: UTF8.self).contains(text) {
            let chunk = try read(within: 20_000)
            if chunk.isEmpty { throw Failure(description: "“\(text)” was never drawn") }
            seen += chunk
        }
        return ContinuousClock.now - started
    }

    /// From a key to the last byte it caused, with 20 ms of silence after it.
    func press(_ key: String) throws -> Duration? {
        let begun = ContinuousClock.now
        var last: ContinuousClock.Instant?
        Array(key.utf8).withUnsafeBytes { _ = write(master, $0.baseAddress, $0.count) }
        while true {
            let chunk = try read(within: last == nil ? 200 : 20)
            if chunk.isEmpty { break }
            last = ContinuousClock.now
        }
        return last.map { $0 - begun }
    }

    func settle() throws {
        while try !read(within: 150).isEmpty {}
    }

    private func read(within milliseconds: Int32) throws -> [UInt8] {
        var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(master, &buffer, buffer.count)
        guard count > 0 else { return [] }
        bytes += count
        return Array(buffer.prefix(count))
    }
}
