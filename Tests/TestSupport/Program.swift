import Glibc
import Host
import Postgres

/// Runs another program to its end, with what it printed.
///
/// The child gets the three standard streams and nothing else: a server that it leaves behind must not hold open what
/// another test waits to see closed.
package struct Program: Sendable {
    package var status: Int32
    package var output: String
    package var errors: String

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs it on a thread of its own: the few threads on which all tests go on have other things to do.
    ///
    /// Parameters and result are those of the one that blocks.
    package static func run(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, input: String = "",
        limit: Duration = .seconds(60)
    ) async throws -> Program {
        try await inThread {
            try run(path, arguments, environment: environment, input: input, limit: limit)
        }
    }

    /// Blocks until it ends.
    ///
    /// - Parameters:
    ///   - path: the program's absolute path.
    ///   - environment: the child's whole environment; nil hands on this process's.
    ///   - input: what it reads from its standard input.
    /// - Returns: the exit status, 128 + n after signal n, and both streams.
    package static func run(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, input: String = "",
        limit: Duration = .seconds(60)
    ) throws -> Program {
        let files = try (0..<3).map { _ in try anonymousFile() }
        defer { for file in files { close(file) } }
        _ = Array(input.utf8).withUnsafeBytes { pwrite(files[0], $0.baseAddress, $0.count, 0) }
        let pid = try spawn(path, arguments, environment, files)
        let end = ContinuousClock.now + limit
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if ContinuousClock.now > end { kill(pid, SIGKILL) }
            usleep(2000)
        }
        return Program(
            status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f,
            output: contents(files[1]), errors: contents(files[2]))
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String]?, _ files: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, file) in files.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(target))
        }
        for descriptor in openDescriptors where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = (environment?.map { "\($0.key)=\($0.value)" } ?? inherited).map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid = pid_t()
        let problem = ChildSignals.clean { posix_spawn(&pid, path, &actions, $0, &words, &variables) }
        guard problem == 0 else {
            throw Failure(description: "cannot run \(path): \(String(cString: strerror(problem)))")
        }
        return pid
    }

    private static var openDescriptors: [Int32] {
        guard let folder = opendir("/dev/fd") else { return [] }
        defer { closedir(folder) }
        var descriptors: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let descriptor = Int32(name) { descriptors.append(descriptor) }
        }
        return descriptors
    }

    private static var inherited: [String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(String(cString: entry))
            next += 1
        }
        return entries
    }

    /// A file without a name: a child that fills it never has to wait for a reader.
    private static func anonymousFile() throws -> Int32 {
        let path = "/tmp/piste-program-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(description: "cannot make \(path)") }
        unlink(path)
        return file
    }

    private static func contents(_ file: Int32) -> String {
        lseek(file, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
