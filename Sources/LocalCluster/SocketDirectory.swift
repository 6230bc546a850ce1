import Glibc

/// Where the server's socket lies: with the data, or in a short place when that path is too long for a socket.
enum SocketDirectory {
    /// `sun_path` holds 108 bytes with its NUL, and `/.s.PGSQL.5432` takes 14 of them.
    private static let longest = 107 - 14

    static func path(root: String) -> String {
        let beside = root + "/run"
        if beside.utf8.count <= longest { return beside }
        let name = "piste-" + String(fingerprint(root), radix: 36)
        if geteuid() != 0, let runtime = Environment.value("XDG_RUNTIME_DIR"), runtime.hasPrefix("/"),
            runtime.utf8.count + 1 + name.utf8.count <= longest, access(runtime, W_OK) == 0
        {
            return "\(runtime)/\(name)"
        }
        return "/tmp/\(name)-\(geteuid())"
    }

    /// FNV-1a: tells one root from another, the same in every run.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
