import Glibc
package import LocalCluster
import Synchronization

/// A private PostgreSQL for this test process alone, made on first use and removed when the process ends.
///
/// A shell that watches a pipe removes it even when the process is killed, and what an older run could not remove
/// goes first.
package final class TestCluster: Sendable {
    package static let shared = TestCluster()

    private let outcome = Mutex<Result<RunningCluster, LocalClusterError>?>(nil)
    private let folder = "\(TestCluster.prefix)\(getpid())"

    private static let prefix = "/tmp/piste-test-\(geteuid())-"

    /// The server, started once however many tests ask at the same time.
    package func running() async throws -> RunningCluster {
        // Starting takes a second or two of waiting, which the pool's threads should not do.
        try await withCheckedThrowingContinuation { continuation in
            OwnThread.run { continuation.resume(with: self.start()) }
        }
    }

    /// The cluster itself, for tests that stop or inspect it.
    package var cluster: LocalCluster {
        LocalCluster(root: folder + "/cluster", maxConnections: 200, isThrowaway: true)
    }

    private func start() -> Result<RunningCluster, LocalClusterError> {
        outcome.withLock { outcome in
            if let outcome { return outcome }
            Self.removeLeftovers()
            mkdir(folder, 0o755)
            let result = Result { () throws(LocalClusterError) in try cluster.start() }
            if case .success(let running) = result { Watchdog.guard(folder: folder, server: running.pid) }
            atexit { TestCluster.shared.remove() }
            outcome = result
            return result
        }
    }

    private func remove() {
        _ = try? cluster.destroy()
        rmdir(folder)
    }

    /// Removes clusters of processes that are gone.
    private static func removeLeftovers() {
        guard let stream = opendir("/tmp") else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let path = "/tmp/" + name
            guard path.hasPrefix(prefix), let pid = pid_t(path.dropFirst(prefix.count)),
                kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            _ = try? LocalCluster(root: path + "/cluster").destroy()
            rmdir(path)
        }
    }
}
