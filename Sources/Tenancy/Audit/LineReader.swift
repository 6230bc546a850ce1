import Glibc

/// A file read line by line in pieces, however large it is.
package struct LineReader: ~Copyable {
    /// The longest line that is read; a record's detail is far below.
    package static let longestLine = 64 << 20

    private let descriptor: Int32
    private let isOwned: Bool
    private var buffer: [UInt8] = []
    private var begin = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    package private(set) var line = 0
    /// Whether the line that was read last had an end.
    package private(set) var endedLine = false

    /// Opens a file; `-` is standard input.
    package init(path: String) throws(AuditFileError) {
        isOwned = path != "-"
        descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else {
            throw AuditFileError("it cannot be read: \(String(cString: strerror(errno)))", isUnreadable: true)
        }
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// The next line without its end; nil behind the last one.
    package mutating func next() throws(AuditFileError) -> ArraySlice<UInt8>? {
        var searched = begin
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                line += 1
                endedLine = true
                defer { begin = end + 1 }
                return buffer[begin..<end]
            }
            searched = buffer.count
            if isAtEnd {
                guard begin < buffer.count else { return nil }
                line += 1
                endedLine = false
                defer { begin = buffer.count }
                return buffer[begin...]
            }
            guard buffer.count - begin < Self.longestLine else {
                throw AuditFileError(line: line + 1, "the line is longer than \(Self.longestLine >> 20) MiB")
            }
            searched -= begin
            try fill()
        }
    }

    /// Drops what was handed out and reads a piece more.
    private mutating func fill() throws(AuditFileError) {
        buffer.removeSubrange(..<begin)
        begin = 0
        var reason: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 18) { bytes, filled in
            var count = 0
            repeat {
                count = Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            } while count < 0 && errno == EINTR
            reason = count < 0 ? errno : 0
            filled = max(0, count)
        }
        guard reason == 0 else {
            throw AuditFileError(
                "it cannot be read: \(String(cString: strerror(reason)))", isUnreadable: true)
        }
        buffer.append(contentsOf: piece)
        isAtEnd = piece.isEmpty
    }
}
