import Glibc
import LocalCluster
import Postgres
import Synchronization

/// A primary with as many standbys as asked for, all of them on disks that sync, made for one test and removed with it.
package final class ReplicatedServers: Sendable {
    package let primary: ServerUnderTest
    package let standbys: [ServerUnderTest]
    private let root: String

    private static let made = Atomic<Int>(0)
    private static let watch = """
        read -r _
        for file in "$1"/*/data/postmaster.pid; do
            data="${file%/postmaster.pid}"
            pid="$(head -n 1 "$file" 2>/dev/null)"
            [ "$(readlink "/proc/$pid/cwd")" = "$data" ] || continue
            kill -CONT "$pid"; kill -QUIT "$pid"
            while [ "$(readlink "/proc/$pid/cwd")" = "$data" ]; do sleep 0.1; done
        done
        rm -rf "$1"
        """

    private init(standbys count: Int, user: ServerUser) throws {
        root =
            user.root
            + "/tmp/piste-replicas-\(geteuid())-\(getpid())-\(Self.made.add(1, ordering: .relaxed).newValue)"
        guard mkdir(root, 0o755) == 0 else { throw Program.Failure(description: "cannot make \(root)") }
        let root = root
        primary = try ServerUnderTest("primary", in: root, programs: user)
        standbys = try (0..<count).map { try ServerUnderTest("standby_\($0 + 1)", in: root, programs: user) }
        Watchdog.watch(Self.watch, [root])
    }

    /// Runs `body` with servers that follow each other, and removes them afterwards, whatever happens.
    package static func run<Value>(
        standbys count: Int, isolation: isolated (any Actor)? = #isolation,
        _ body: (ReplicatedServers) async throws -> Value
    ) async throws -> Value {
        let user = try ServerUser()
        let servers = try ReplicatedServers(standbys: count, user: user)
        do {
            try await servers.make(user)
            let value = try await body(servers)
            try await servers.remove()
            return value
        } catch {
            try? await servers.remove()
            throw error
        }
    }

    /// Why they cannot be made here; nil where they can.
    package static var obstacle: String? {
        do {
            _ = try ServerUser()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func make(_ user: ServerUser) async throws {
        let primary = primary
        try await inThread {
            try user.run(
                "initdb",
                [
                    "-D", user.inside(primary.data), "-U", RunningCluster.superuser, "-A", "trust", "-E",
                    "UTF8",
                    "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ])
            try user.append(
                [
                    "unix_socket_directories = '\(user.inside(primary.folder))'", "listen_addresses = ''",
                    "port = 5432",
                    "max_connections = 60", "shared_buffers = 32MB", "max_locks_per_transaction = 256",
                    "autovacuum = off",
                ], to: primary.data + "/postgresql.conf")
        }
        try await primary.start()
        let owner = try await primary.connect(to: "postgres")
        try await owner.query("CREATE DATABASE \(RunningCluster.database)")
        await owner.close()
    }

    /// Has the standbys copy the primary and follow it.
    package func follow() async throws {
        let (user, primary, standbys) = (try ServerUser(), primary, standbys)
        for standby in standbys {
            try await inThread {
                try user.run(
                    "pg_basebackup",
                    [
                        "-h", user.inside(primary.folder), "-U", RunningCluster.superuser, "-D",
                        user.inside(standby.data), "-R", "-c", "fast", "-X", "stream", "--no-sync",
                    ])
                try user.append(
                    [
                        "unix_socket_directories = '\(user.inside(standby.folder))'",
                        "primary_conninfo = 'host=\(user.inside(primary.folder)) user=\(RunningCluster.superuser) "
                            + "application_name=\(standby.name)'",
                        "wal_receiver_status_interval = '1s'",
                    ], to: standby.data + "/postgresql.auto.conf")
            }
            try await standby.start()
        }
        let owner = try await primary.connect(to: "postgres")
        _ = try await eventually {
            try await owner.query("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")[0]
                .int(0) == standbys.count
        }
        await owner.close()
    }

    private func remove() async throws {
        for server in standbys + [primary] {
            server.freeze(false)
            try await server.kill()
        }
        let root = root
        try await inThread { _ = try Program.run("/bin/rm", ["-rf", root]) }
    }
}
