import Glibc
package import LocalCluster
import Postgres
import Synchronization

/// A PostgreSQL that tests run on: the installed one, or one of another version that somebody has started.
package final class TestServer: Sendable, CustomStringConvertible {
    private enum Place {
        /// Made by this process, and for it alone.
        case cluster(TestCluster)
        /// The socket's folder of a server that others may use too.
        case folder(String)
    }

    /// What tells it from the others in a test's name: "installed", or where its socket is.
    package let name: String
    private let place: Place
    private let isTidy = Mutex(false)

    package init(_ cluster: TestCluster, name: String = "installed") {
        self.name = name
        place = .cluster(cluster)
    }

    package init(socketFolder: String) {
        name = socketFolder.split(separator: "/").suffix(2).joined(separator: "/")
        place = .folder(socketFolder)
    }

    /// One that a test has for itself.
    package convenience init(_ server: ReleaseServer) {
        self.init(socketFolder: server.running.socketDirectory)
    }

    package var description: String { name }

    /// How to reach it; what this process started is started on first use.
    package func running() async throws -> RunningCluster {
        switch place {
        case .cluster(let cluster):
            let running = try await cluster.running()
            let isFirst = isTidy.withLock { isTidy in
                defer { isTidy = true }
                return !isTidy
            }
            if isFirst { try await tell(running) }
            return running
        case .folder(let folder):
            let cluster = RunningCluster(socketDirectory: folder)
            let isFirst = isTidy.withLock { isTidy in
                defer { isTidy = true }
                return !isTidy
            }
            if isFirst {
                try await tell(cluster)
                try await dropLeftovers(in: cluster)
            }
            return cluster
        }
    }

    /// Says once which server it is.
    private func tell(_ cluster: RunningCluster) async throws {
        let connection = try await Connection.open(cluster.settings(database: "postgres"))
        let version = try await connection.query("SELECT current_setting('server_version')")[0].string(0)
        await connection.close()
        let isNews = Self.told.withLock { $0.insert("\(version) \(name)").inserted }
        if isNews { print("The tests run on PostgreSQL \(version) (\(name)).") }
    }

    private static let told = Mutex<Set<String>>([])

    /// What makes a database's name and its roles' this process's own where others use the server too.
    var mark: String {
        switch place {
        case .cluster: ""
        case .folder: "\(getpid())_"
        }
    }

    /// Drops the databases of test processes that are gone.
    private func dropLeftovers(in cluster: RunningCluster) async throws {
        let connection = try await Connection.open(cluster.settings(database: "postgres"))
        let rows = try await connection.query(
            """
            SELECT datname, split_part(datname, '_', 2)::int AS pid FROM pg_database
            WHERE datname ~ '^test_[0-9]+_[0-9]+$'
            """)
        for row in rows {
            let pid = pid_t(try row.int("pid"))
            guard kill(pid, 0) != 0, errno == ESRCH else { continue }
            let name = Quoted.identifier(try row.string("datname"))
            _ = try? await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
        await connection.close()
    }
}

/// The servers that what must hold on every version of PostgreSQL is tested on.
package enum TestServers {
    /// The one that tests run on which say nothing of servers: a private one of the newest release that is installed, or of the
    /// release that `PISTE_TEST_ON` names (`17`), or else the running one the folder of whose socket it names.
    package static let installed: TestServer = {
        guard let place = getenv("PISTE_TEST_ON").map({ String(cString: $0) }), place.contains("/") else {
            return TestServer(.shared)
        }
        return TestServer(socketFolder: place)
    }()

    /// Those of other versions: the sockets' folders in `PISTE_TEST_SERVERS`, separated by colons (none, when it is empty), or
    /// else what `.ci/postgres start` has started.
    package static let others: [TestServer] = folders.map(TestServer.init(socketFolder:))

    /// The installed one first.
    package static let all: [TestServer] = [installed] + others

    private static var folders: [String] {
        if let list = getenv("PISTE_TEST_SERVERS") {
            return String(cString: list).split(separator: ":").map(String.init)
        }
        return ["17", "18"].map(started).filter { access($0 + "/.s.PGSQL.5432", F_OK) == 0 }
    }

    /// Where `.ci/postgres start` puts the socket of a release.
    private static func started(_ release: String) -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        return "\(root)/.build/postgres/\(release)/server"
    }
}
