import Glibc
import Host

/// A private PostgreSQL for demos and tests: found, made, started and stopped here, reached through a unix
/// socket that only its owner can open, never through TCP.
///
/// It stays up between runs. Everything lies in one directory; the data directory inside gets its name only
/// when it is complete, so that a half-made one is never taken for data.
package struct LocalCluster: Sendable {
    package var root: String
    package var maxConnections: Int
    /// For tests: nothing survives a crash of the machine, and everything is faster.
    package var isThrowaway: Bool
    /// For many servers side by side: each takes little memory, and may take little.
    package var isSmall = false

    /// - Parameter root: an absolute path; nil for the standard place.
    package init(root: String? = nil, maxConnections: Int = 100, isThrowaway: Bool = false) {
        self.root = root ?? Self.standardRoot
        self.maxConnections = maxConnections
        self.isThrowaway = isThrowaway
    }

    /// The user's own cluster, which `piste demo` and `piste` without a database use.
    package static var standard: LocalCluster { LocalCluster() }

    /// `$PISTE_LOCAL_ROOT`; for root `/var/lib/piste/cluster`; else `$XDG_DATA_HOME/piste/cluster`.
    private static var standardRoot: String {
        if let root = absolute("PISTE_LOCAL_ROOT") { return root }
        if geteuid() == 0 { return "/var/lib/piste/cluster" }
        let data = absolute("XDG_DATA_HOME") ?? absolute("HOME").map { $0 + "/.local/share" }
        return (data ?? "/tmp/piste-\(geteuid())") + "/piste/cluster"
    }

    private static func absolute(_ variable: String) -> String? {
        Environment.value(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
}

extension LocalCluster {
    package var dataDirectory: String { root + "/data" }
    package var socketDirectory: String { SocketDirectory.path(root: root) }
    package var logFile: String { root + "/server.log" }
    var lockFile: String { root + "/lock" }
    /// Says that the directory is Piste's to fill and to remove.
    var marker: String { root + "/made-by-piste" }
    /// Where a data directory grows until it is complete.
    var draftDirectory: String { root + "/data.unfinished" }

    /// The major version that made the data; nil when there are none.
    var dataVersion: Int? {
        Files.text(of: dataDirectory + "/PG_VERSION").flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// What runs now and answers; nil when nothing does.
    package func running() -> RunningCluster? {
        guard let server = ServerProcess(dataDirectory: dataDirectory), server.phase == .ready,
            server.isReachable
        else { return nil }
        return RunningCluster(
            socketDirectory: server.socketDirectory,
            dataDirectory: dataDirectory,
            version: dataVersion ?? 0,
            pid: server.pid,
        )
    }

    package func status() -> ClusterStatus {
        let server = ServerProcess(dataDirectory: dataDirectory)
        let phase: ClusterStatus.Phase =
            switch server?.phase {
            case .ready: .running
            case .starting: .starting
            case .stopping: .stopping
            case nil: dataVersion == nil ? .absent : .stopped
            }
        return ClusterStatus(
            phase: phase,
            dataDirectory: dataDirectory,
            socketDirectory: server?.socketDirectory ?? socketDirectory,
            logFile: logFile,
            pid: server?.pid,
            version: dataVersion,
            bytes: phase == .absent ? 0 : Files.size(of: root),
        )
    }
}
