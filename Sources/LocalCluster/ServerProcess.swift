import Glibc

/// What `postmaster.pid` tells about the server, believed only as far as the system confirms it.
struct ServerProcess {
    enum Phase {
        case starting, ready, stopping
    }

    var pid: pid_t
    private let dataDirectory: String
    var socketDirectory: String
    var phase: Phase

    /// The live server of a data directory; nil when there is none, whatever an old file says.
    init?(dataDirectory: String) {
        guard let lines = Self.lines(dataDirectory), let pid = lines.first.flatMap({ pid_t($0) }),
            Self.isServer(pid, of: dataDirectory)
        else { return nil }
        self.pid = pid
        self.dataDirectory = dataDirectory
        socketDirectory = lines.count > 4 ? lines[4] : ""
        phase =
            switch lines.count > 7 ? lines[7].prefix(while: { $0 != " " }) : "" {
            case "ready": .ready
            case "stopping": .stopping
            default: .starting
            }
    }

    /// Mends a file that names a live process which is no server of this directory (a number used again).
    ///
    /// PostgreSQL would refuse to start. The rest of the file stays: by it the server makes sure that no
    /// orphan of the old one still uses the shared memory.
    static func mendPidFile(_ dataDirectory: String, owner: ClusterOwner) throws(LocalClusterError) {
        guard var lines = lines(dataDirectory), let pid = lines.first.flatMap({ pid_t($0) }),
            kill(pid, 0) == 0 || errno == EPERM, !isServer(pid, of: dataDirectory)
        else { return }
        // Above every limit that Linux allows, so that it names no process.
        lines[0] = "4194305"
        try Files.write(lines.joined(separator: "\n"), to: dataDirectory + "/postmaster.pid", owner: owner)
    }

    /// Whether its program was replaced or removed since it started, as an upgrade of the server's package does: what it loads from
    /// then on is another version's.
    var isOutdated: Bool {
        Files.target(of: "/proc/\(pid)/exe")?.hasSuffix(" (deleted)") == true
    }

    var isGone: Bool { !Self.isServer(pid, of: dataDirectory) }

    /// Tells whether its socket is still there; tidiers of `/tmp` remove such things.
    var isReachable: Bool { Files.exists(socketDirectory + SocketDirectory.socketName) }

    private static func lines(_ dataDirectory: String) -> [String]? {
        Files.text(of: dataDirectory + "/postmaster.pid")?
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// A server works in its data directory; a process that has died or belongs to another user shows none.
    private static func isServer(_ pid: pid_t, of dataDirectory: String) -> Bool {
        guard pid > 1, let directory = Files.target(of: "/proc/\(pid)/cwd") else { return false }
        return directory == Files.realPath(dataDirectory)
    }
}
