import Glibc
import LocalCluster

/// The socket in a visitor's place by which the host looks on; only whoever runs the kiosk, and root, may open it.
struct WatchSocket {
    let path: String

    /// - Parameter place: the folder of the visitor's copy.
    init(in place: String) { path = "\(place)/\(VisitPlace.watchSocket)" }

    /// Waits there for whoever looks on; nil where the path is too long for a socket.
    func listen() -> Int32? {
        guard let descriptor = open() else { return nil }
        unlink(path)
        let before = umask(0o177)
        defer { umask(before) }
        guard withAddress({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 8) == 0,
            fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// The end of whoever looks on; nil where nobody is to be looked at.
    func connect() -> Int32? {
        guard let descriptor = open() else { return nil }
        guard withAddress({ Glibc.connect(descriptor, $0, $1) }) == 0,
            fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func open() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
