import Glibc
import Host

/// Where the server's socket lies: with the data, or in a short place when that path is too long for a
/// socket.
enum SocketDirectory {
    static let socketName = "/.s.PGSQL.5432"
    /// `sun_path` holds 108 bytes with its NUL,.
    private static let longest = 107 - socketName.utf8.count

    static func path(root: String) -> String {
        let beside = root + "/run"
        if beside.utf8.count <= longest { return beside }
        let name = shortName(root)
        if geteuid() != 0, let runtime = Environment.value("XDG_RUNTIME_DIR"), runtime.hasPrefix("/"),
            runtime.utf8.count + 1 + name.utf8.count <= longest, access(runtime, W_OK) == 0
        {
            return "\(runtime)/\(name)"
        }
        return "/tmp/\(name)-\(geteuid())"
    }

    /// Tells whether this program made the directory for that root, with whatever environment.
    static func isOurs(_ path: String, root: String) -> Bool {
        path == root + "/run" || path.split(separator: "/").last?.hasPrefix(shortName(root)) == true
    }

    private static func shortName(_ root: String) -> String {
        "piste-" + String(fingerprint(root), radix: 36)
    }

    /// FNV-1a: tells one root from another, the same in every run.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
