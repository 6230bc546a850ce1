import Glibc
import Synchronization

/// The open log file; it is written a line at a time by any number of processes, and turned over when it is large.
final class LogFile: Sendable {
    /// From this size on a new file is begun, and this many old ones are kept: `piste.log.1` is the youngest.
    static let limit = 1 << 20
    static let generations = 5

    private let path: String
    private let limit: Int
    private let descriptor = Mutex<Int32>(-1)

    init(_ path: String, limit: Int = LogFile.limit) {
        self.path = path
        self.limit = limit
    }

    /// Appends a line; false when that was not possible.
    func append(_ line: String) -> Bool {
        descriptor.withLock { file in
            let bytes = Array(line.utf8)
            for _ in 0..<3 {
                if file < 0 { file = open() }
                guard file >= 0 else { return false }
                // Whoever turns the file over holds the lock for a moment; who cannot have it writes all the same.
                let isMine = flock(file, LOCK_EX | LOCK_NB) == 0
                guard isCurrent(file) else {
                    close(file)
                    file = -1
                    continue
                }
                if isMine, size(file) + bytes.count > limit, size(file) > 0 {
                    turnOver()
                    close(file)
                    file = -1
                    continue
                }
                let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                if isMine { flock(file, LOCK_UN) }
                return written == bytes.count
            }
            return false
        }
    }

    private func turnOver() {
        for number in stride(from: Self.generations - 1, through: 1, by: -1) {
            rename("\(path).\(number)", "\(path).\(number + 1)")
        }
        rename(path, "\(path).1")
    }

    /// Whether the open file is still the one of that name.
    private func isCurrent(_ file: Int32) -> Bool {
        var (held, there) = (stat(), stat())
        return fstat(file, &held) == 0 && lstat(path, &there) == 0 && held.st_ino == there.st_ino
            && held.st_dev == there.st_dev
    }

    private func size(_ file: Int32) -> Int {
        var status = stat()
        return fstat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    private func open() -> Int32 {
        var parent = ""
        for part in path.split(separator: "/").dropLast() {
            parent += "/" + part
            mkdir(parent, 0o700)
        }
        return Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    }
}
