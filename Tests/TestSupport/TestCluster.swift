import Glibc
package import LocalCluster
package import Postgres
import Synchronization

/// A private PostgreSQL for this test process alone, made on first use and removed when the process ends.
///
/// A shell that watches a pipe removes it even when the process is killed, and what an older run could not
/// remove goes first.
package final class TestCluster: Sendable {
    package static let shared: TestCluster = {
        removeLeftovers()
        atexit { TestCluster.shared.remove() }
        return TestCluster(release: .underTest)
    }()

    /// One for proofs: it keeps what is committed, and no other test's roles are in it.
    package static let careful: TestCluster = {
        atexit { TestCluster.careful.remove() }
        return TestCluster(isThrowaway: false, release: .underTest)
    }()

    /// The cluster itself, for tests that stop or inspect it; not what runs, when another release was asked for.
    package let cluster: LocalCluster
    private let folder: String
    private let outcome = Mutex<Result<RunningCluster, LocalClusterError>?>(nil)
    private let isThrowaway: Bool
    private let release: Release?
    private let served = Mutex<Task<ReleaseServer, any Error>?>(nil)
    private let server = Mutex<ReleaseServer?>(nil)

    private static let prefix = "/tmp/piste-test-\(geteuid())-"
    private static let made = Atomic<Int>(0)

    /// One more cluster, for a test that breaks it; that test calls `remove`.
    ///
    /// - Parameter release: a release in a system of its own, with the settings that the installed one would have.
    package init(isThrowaway: Bool = true, release: Release? = nil) {
        self.isThrowaway = isThrowaway
        self.release = release
        folder = "\(Self.prefix)\(getpid())-\(Self.made.add(1, ordering: .relaxed).newValue)"
        cluster = LocalCluster(root: folder + "/cluster", maxConnections: 200, isThrowaway: isThrowaway)
    }

    /// The server, started once however many tests ask at the same time.
    package func running() async throws -> RunningCluster {
        if let release { return try await serve(release).running }
        // Starting takes a second or two of waiting, which the pool's threads should not do.
        return try await withCheckedThrowingContinuation { continuation in
            OwnThread.run { continuation.resume(with: self.start()) }
        }
    }

    /// How to reach the server, started on first use.
    package func settings(
        user: String = RunningCluster.superuser,
        database: String = RunningCluster.database
    ) async throws -> ConnectionSettings {
        try await running().settings(user: user, database: database)
    }

    /// Ends the server as a power cut would.
    package func crash() async throws {
        kill(try await running().pid, SIGQUIT)
    }

    /// Stops and removes it.
    package func remove() {
        server.withLock { $0 }?.remove()
        _ = try? cluster.destroy()
        rmdir(folder)
    }

    private func serve(_ release: Release) async throws -> ReleaseServer {
        let careless = ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        let settings =
            [
                "max_connections = 200", "shared_buffers = 384MB", "wal_level = minimal",
                "max_wal_senders = 0",
                "jit = off", "max_parallel_workers_per_gather = 0", "timezone = 'UTC'",
            ] + (isThrowaway ? careless : [])
        let task = served.withLock { served in
            if let served { return served }
            let new = Task {
                let made = try await ReleaseServer.lasting(release, settings: settings)
                self.server.withLock { $0 = made }
                return made
            }
            served = new
            return new
        }
        return try await task.value
    }

    private func start() -> Result<RunningCluster, LocalClusterError> {
        outcome.withLock { outcome in
            if let outcome { return outcome }
            mkdir(folder, 0o755)
            let result = Result { () throws(LocalClusterError) in try cluster.start() }
            if case .success(let running) = result { Watchdog.guard(folder: folder, server: running.pid) }
            outcome = result
            return result
        }
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
            guard path.hasPrefix(prefix),
                let pid = pid_t(path.dropFirst(prefix.count).prefix(while: \.isNumber)),
                kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            _ = try? LocalCluster(root: path + "/cluster").destroy()
            rmdir(path)
        }
    }
}
