import Glibc

/// A file that is read as a whole.
enum TextFile {
    /// The text of at most a megabyte; nil when there is none, or when it is no UTF-8.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= 1 << 20 {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(validating: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
        return nil
    }
}
