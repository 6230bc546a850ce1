import Glibc
import Listing

/// Where data goes: to standard output, or into a file that appears whole or not at all.
final class DataSink: Sendable {
    private let descriptor: Int32?
    private let path: String
    private let partial: String?

    /// Opens the file for its owner alone; nil and `-` are standard output.
    init(path: String?) throws {
        self.path = path ?? "-"
        guard let path, path != "-" else {
            descriptor = nil
            partial = nil
            return
        }
        var status = stat()
        // A device or a pipe is written as it is; it cannot be replaced.
        let isSpecial = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        let name = isSpecial ? path : "\(path).\(getpid()).partial"
        let opened = open(
            name, isSpecial ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw CommandError(.failed, "cannot write: \(String(cString: strerror(errno)))", at: path)
        }
        descriptor = opened
        partial = isSpecial ? nil : name
    }

    deinit {
        if let descriptor { close(descriptor) }
        // After `finish` there is none.
        if let partial { unlink(partial) }
    }

    /// Leaves no half file when `body` fails: whoever else still holds the sink when the process ends does not let go of it.
    func whole<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            let value = try body()
            try finish()
            return value
        } catch {
            if let partial { unlink(partial) }
            throw error
        }
    }

    /// Writes all of the bytes.
    func write(_ bytes: [UInt8]) throws {
        guard let descriptor else { return try StandardOutput.shared.write(bytes) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandError(.failed, "cannot write: \(String(cString: strerror(errno)))", at: path)
            }
            sent += count
        }
    }

    /// Puts the file in its place.
    func finish() throws {
        guard let descriptor, let partial else { return }
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else {
            throw CommandError(.failed, "cannot write: \(String(cString: strerror(errno)))", at: path)
        }
    }
}
