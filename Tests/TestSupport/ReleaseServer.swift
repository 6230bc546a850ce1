import Glibc
package import LocalCluster
package import Postgres
import Synchronization

/// A server of one release for one test, with roles of its own; stopped and removed with the test.
package final class ReleaseServer: Sendable {
    package let release: Release
    /// How to reach it; also while it is down.
    package let running: RunningCluster
    private let folder: ReleaseFolder
    private let name: String

    private init(_ release: Release, in folder: ReleaseFolder, name: String) {
        self.release = release
        self.folder = folder
        self.name = name
        running = RunningCluster(socketDirectory: folder.path)
    }

    /// One that goes with the process, at the latest.
    static func lasting(_ release: Release, settings: [String]) async throws -> ReleaseServer {
        let server = ReleaseServer(release, in: try ReleaseFolder(release), name: "data")
        try await server.make(settings)
        return server
    }

    /// Ends it as a power cut would, and removes it.
    func remove() {
        _ = try? release.run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"], in: folder.inner)
        folder.remove()
    }

    /// Runs `body` with a fresh server, and removes it afterwards, whatever happens.
    package static func run<Value>(
        _ release: Release, settings: [String] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: (ReleaseServer) async throws -> Value
    ) async throws -> Value {
        await Turn.shared.take()
        do {
            let value = try await Turn.$isHeld.withValue(true) {
                let folder = try ReleaseFolder(release)
                let server = ReleaseServer(release, in: folder, name: "data")
                do {
                    try await server.make(settings)
                    let value = try await body(server)
                    try? await server.stop()
                    try await inThread { folder.remove() }
                    return value
                } catch {
                    try? await server.stop()
                    try await inThread { folder.remove() }
                    throw error
                }
            }
            await Turn.shared.give()
            return value
        } catch {
            await Turn.shared.give()
            throw error
        }
    }

    /// One test at a time has servers of its own: dozens at once keep a small machine so busy that what holds for ten
    /// seconds in another test is over before it is used.
    private actor Turn {
        static let shared = Turn()
        /// A server that is made within another one's test is that test's.
        @TaskLocal static var isHeld = false

        private var isTaken = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func take() async {
            if Self.isHeld { return }
            if !isTaken {
                isTaken = true
                return
            }
            await withCheckedContinuation { waiting.append($0) }
        }

        func give() {
            if Self.isHeld { return }
            if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
        }
    }

    /// Runs `body` with a server of the older release, whose programs lie beside those of the newer one.
    package static func run<Value>(
        _ release: Release, before newer: Release, isolation: isolated (any Actor)? = #isolation,
        _ body: (ReleaseServer) async throws -> Value
    ) async throws -> Value {
        try await run(try release.lent(to: newer), body)
    }

    package func url(_ login: String = RunningCluster.superuser, _ database: String = "piste") -> String {
        "postgresql://\(login)@/\(database)?host=\(folder.path)"
    }

    package func connect(
        as user: String = RunningCluster.superuser, to database: String = RunningCluster.database
    ) async throws -> Connection {
        try await Connection.open(running.settings(user: user, database: database))
    }

    /// A path in the server's folder, for this process.
    package func path(_ name: String) -> String { folder.path + "/" + name }

    /// The same path as the server's own programs see it.
    package func ownPath(_ name: String) -> String { folder.inner + "/" + name }

    package func start() async throws {
        try await program("pg_ctl", ["-D", data, "-l", ownPath("log"), "-w", "-t", "60", "start"])
    }

    package func stop() async throws {
        try await program("pg_ctl", ["-D", data, "-m", "fast", "-w", "stop"])
    }

    /// Runs one of the server's own programs, which must end well.
    @discardableResult
    package func program(_ name: String, _ arguments: [String]) async throws -> Program {
        let (release, folder) = (release, folder)
        let box = Mutex<Program?>(nil)
        try await inThread {
            let ended = try release.run(name, arguments, in: folder.inner)
            guard ended.status == 0 else {
                throw Program.Failure(description: "\(name): \(ended.errors)\(ended.output)")
            }
            box.withLock { $0 = ended }
        }
        return box.withLock { $0 } ?? Program(status: 0, output: "", errors: "")
    }

    /// A server of the newer release with everything that this one had, by `pg_upgrade`; this one stands still for good.
    package func upgraded(to newer: Release) async throws -> ReleaseServer {
        let next = ReleaseServer(newer, in: folder, name: "upgraded")
        try await stop()
        try await next.initialize(
            ["--no-data-checksums"].filter { _ in newer.version >= 18 && release.version < 18 })
        try await next.program(
            "pg_upgrade",
            [
                "-b", release.programs, "-B", newer.programs, "-d", data, "-D", next.data, "-s", folder.inner,
            ])
        try await next.start()
        return next
    }

    /// The roles, and one database, as files in the folder: `globals.sql` and `dump.sql`.
    package func dump(_ database: String = RunningCluster.database) async throws {
        try await program(
            "pg_dumpall",
            ["-h", folder.inner, "-U", "postgres", "--globals-only", "-f", ownPath("globals.sql")])
        try await program(
            "pg_dump", ["-h", folder.inner, "-U", "postgres", "-C", "-f", ownPath("dump.sql"), database])
    }

    var data: String { ownPath(name) }

    private func make(_ settings: [String]) async throws {
        try await initialize(settings: settings)
        try await start()
        let owner = try await connect(to: "postgres")
        try await owner.query("CREATE DATABASE \(RunningCluster.database)")
        await owner.close()
    }

    private func initialize(_ options: [String] = [], settings: [String] = []) async throws {
        try await program(
            "initdb",
            [
                "-D", data, "-U", RunningCluster.superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync", "--no-instructions",
            ] + options)
        let file = fopen(path(name) + "/postgresql.conf", "a")
        defer { if let file { fclose(file) } }
        guard let file else { throw Program.Failure(description: "cannot configure \(name)") }
        let lines =
            [
                "unix_socket_directories = '\(folder.inner)'", "listen_addresses = ''",
                "max_connections = 60", "max_locks_per_transaction = 256", "shared_buffers = 32MB",
            ] + settings
        fputs(lines.map { $0 + "\n" }.joined(), file)
    }
}

/// A folder that a release's servers may write in, seen from outside and from its own system.
final class ReleaseFolder: Sendable {
    /// As this process sees it.
    let path: String
    /// As the release's programs see it.
    let inner: String

    private static let made = Atomic<Int>(0)
    private static let watch = """
        read -r _
        for file in "$1"/*/postmaster.pid; do
            data="${file%/postmaster.pid}"
            pid="$(head -n 1 "$file" 2>/dev/null)"
            [ "$(readlink "/proc/$pid/cwd")" = "$data" ] || continue
            kill -QUIT "$pid"
            while [ "$(readlink "/proc/$pid/cwd")" = "$data" ]; do sleep 0.1; done
        done
        rm -rf "$1"
        """

    init(_ release: Release) throws {
        inner = "/tmp/piste-release-\(getpid())-\(Self.made.add(1, ordering: .relaxed).newValue)"
        path = release.root + inner
        guard mkdir(path, 0o755) == 0 else { throw Program.Failure(description: "cannot make \(path)") }
        if geteuid() == 0 {
            let words = release.root.isEmpty ? [] : ["/usr/sbin/chroot", release.root]
            _ = try Program.run("/usr/bin/env", words + ["chown", "postgres", inner])
        }
        Watchdog.watch(Self.watch, [path])
    }

    func remove() {
        _ = try? Program.run("/bin/rm", ["-rf", path])
    }
}

extension ReleaseServer {
    /// Restores what another server dumped, with the cluster's roles or without, into a database that is made anew.
    package func restore(from other: ReleaseServer, withRoles: Bool = true) async throws {
        let keeper = try await connect(to: "postgres")
        try await keeper.query("DROP DATABASE IF EXISTS \(RunningCluster.database) WITH (FORCE)")
        await keeper.close()
        for file in [withRoles ? "globals.sql" : nil, "dump.sql"].compactMap({ $0 }) {
            let words = [
                "psql", "-X", "-q", "-h", path(""), "-U", RunningCluster.superuser, "-d", "postgres", "-f",
                other.path(file),
            ]
            try await inThread { _ = try Program.run("/usr/bin/env", words, limit: .seconds(300)) }
        }
    }

    /// A server from a base backup of this one, which stands still; started with these settings on top.
    package func recovered(from backup: String, _ settings: [String]) async throws -> ReleaseServer {
        let next = ReleaseServer(release, in: folder, name: backup)
        let configuration = path(backup)
        try await inThread {
            for (file, lines) in [("postgresql.auto.conf", settings), ("recovery.signal", [])] {
                guard let open = fopen(configuration + "/" + file, "a") else {
                    throw Program.Failure(description: "cannot write \(file)")
                }
                fputs(lines.map { $0 + "\n" }.joined(), open)
                fclose(open)
            }
        }
        try await next.start()
        let owner = try await next.connect()
        _ = try await eventually {
            try await owner.query("SELECT pg_is_in_recovery()")[0].bool(0) == false
        }
        await owner.close()
        return next
    }
}
