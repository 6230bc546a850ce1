import Glibc
import Signing
import Text

/// An open file that is closed with its last user; every failure is a sentence that names the file.
final class OpenFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(ArchiveError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("cannot open", path) }
    }

    /// The file, if it is a plain one; nil for a pipe, a device and `-`, which is standard input.
    static func plain(_ path: String) throws(ArchiveError) -> OpenFile? {
        guard path != "-" else { return nil }
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
        return file.plainSize == nil ? nil : file
    }

    /// Everything that is left to be read of a stream, behind what was read of it already, as a file that nobody else sees.
    init(spooling beginning: [UInt8], from stream: Int32) throws(ArchiveError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/piste-XXXXXX".utf8CString)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure("cannot make", path) }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var piece = beginning
        var offset: Int64 = 0
        repeat {
            try write(piece, at: offset)
            offset += Int64(piece.count)
            var received = 0
            piece = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, filled in
                repeat {
                    received = Glibc.read(stream, buffer.baseAddress, buffer.count)
                } while received < 0 && errno == EINTR
                filled = max(0, received)
            }
            guard received >= 0 else { throw Self.failure("cannot read", "standard input") }
        } while !piece.isEmpty
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// What the last system call complained about.
    static func failure(_ doing: String, _ path: String) -> ArchiveError {
        let number = errno
        let code: ArchiveError.Code = number == EEXIST ? .exists : .file
        return ArchiveError(code, "\(doing) \(path): \(String(cString: strerror(number)))")
    }

    /// The length of a plain file; nil for anything else.
    var plainSize: Int64? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws(ArchiveError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset) + off_t(written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("cannot write", path) }
            written += count
        }
    }

    /// As many bytes as there are from `offset` on, `count` at most.
    func read(at offset: Int64, _ count: Int) throws(ArchiveError) -> [UInt8] {
        while true {
            var received = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                received = pread(descriptor, buffer.baseAddress, count, off_t(offset))
                filled = max(0, received)
            }
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw Self.failure("cannot read", path) }
            return bytes
        }
    }

    /// The SHA-256 of the whole file, in hexadecimal.
    func digest() throws(ArchiveError) -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try read(at: offset, 1 << 20)
            guard !piece.isEmpty else { return Hexadecimal.text(hash.finished()) }
            hash.update(piece)
            offset += Int64(piece.count)
        }
    }

    /// Returns when the disk has everything.
    func synchronize() throws(ArchiveError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot write", path) }
    }

    /// Locks the file until this process ends; false when another one has it.
    func lock() -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }
}
