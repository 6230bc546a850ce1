import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import LocalCluster

/// Every test makes a cluster of its own, which takes a second or two.
struct LocalClusterTests {
    @Test func isMadeReusedStoppedStartedAndDestroyed() async throws {
        let test = TestCluster()
        defer { test.remove() }
        let cluster = test.cluster
        #expect(cluster.status().phase == .absent)
        #expect(try !cluster.stop())
        let first = try await test.running()
        #expect(cluster.status().phase == .running)
        #expect(cluster.status().pid == first.pid)
        #expect(cluster.running() == first)

        let connection = try await Connection.open(first.settings())
        let row = try await connection.query(
            """
            SELECT current_database() AS database, current_user AS login,
                   current_setting('listen_addresses') AS addresses,
                   current_setting('data_checksums') AS checksums,
                   current_setting('server_encoding') AS encoding, current_setting('lc_collate') AS collation,
                   current_setting('unix_socket_permissions') AS permissions,
                   current_setting('max_connections') AS connections, inet_server_addr() IS NULL AS is_local
            """)[0]
        #expect(try row.string("database") == "piste")
        #expect(try row.string("login") == "postgres")
        #expect(try row.string("addresses") == "")
        #expect(try row.string("checksums") == "on")
        #expect(try row.string("encoding") == "UTF8")
        #expect(try ["C.UTF-8", "C"].contains(row.string("collation")))
        #expect(try row.string("permissions") == "0700")
        #expect(try row.string("connections") == "200")
        #expect(try row.bool("is_local"))
        try await connection.run(script: "CREATE TABLE kept (x int); INSERT INTO kept VALUES (7)")
        await connection.close()

        let narrated = Narration()
        let again = try cluster.start(narrate: narrated.add)
        #expect(again == first)
        #expect(narrated.count("") == 0)
        // Signals of a terminal reach the sessions that belong to it.
        #expect(getsid(first.pid) != getsid(0))

        #expect(try cluster.stop())
        #expect(cluster.status().phase == .stopped)
        #expect(cluster.status().bytes > 10_000_000)
        await #expect(throws: PostgresError.self) { try await Connection.open(first.settings()) }
        let restarted = try cluster.start()
        #expect(restarted.pid != first.pid)
        let after = try await Connection.open(restarted.settings())
        #expect(try await after.query("SELECT x FROM kept")[0].int(0) == 7)
        await after.close()

        #expect(try cluster.destroy())
        #expect(!Files.exists(cluster.root))
        #expect(cluster.status().phase == .absent)
        #expect(try !cluster.destroy())
    }

    @Test func recoversFromWhatAKilledServerLeaves() async throws {
        let test = TestCluster()
        defer { test.remove() }
        let first = try await test.running()
        kill(first.pid, SIGKILL)
        let isSeen = try await eventually { test.cluster.running() == nil }
        #expect(isSeen)
        // The dead process's number and shared memory are still in its file.
        let second = try test.cluster.start()
        #expect(second.pid != first.pid)
        try test.cluster.stop()

        // The number belongs to somebody else now: this process, which is no server.
        let owner = try ClusterOwner.current()
        let file = "\(getpid())\n\(first.dataDirectory)\n1\n5432\n\(first.socketDirectory)\n\n\nready   \n"
        try Files.write(file, to: first.dataDirectory + "/postmaster.pid", owner: owner)
        try Files.write("\(getpid())\n", to: first.socketDirectory + "/.s.PGSQL.5432.lock", owner: owner)
        #expect(test.cluster.status().phase == .stopped)
        #expect(try !test.cluster.stop())
        let third = try test.cluster.start()
        let connection = try await Connection.open(third.settings())
        await connection.close()
    }

    @Test func halfMadeDataAreMadeAgainAndNothingIsThrownAway() async throws {
        let test = TestCluster()
        defer { test.remove() }
        let cluster = test.cluster
        let first = try await test.running()
        try cluster.stop()
        // As after an init that died: an unfinished draft, and data without their version.
        mkdir(cluster.draftDirectory, 0o700)
        let owner = try ClusterOwner.current()
        try Files.write("draft", to: cluster.draftDirectory + "/base", owner: owner)
        unlink(first.dataDirectory + "/PG_VERSION")
        #expect(cluster.status().phase == .absent)
        let again = try cluster.start()
        let connection = try await Connection.open(again.settings())
        await connection.close()
        #expect(!Files.exists(cluster.draftDirectory))
        #expect(Files.exists(cluster.root + "/data.aside-1/base"))
    }

    @Test func manyStartersMakeOneServer() async throws {
        let test = TestCluster()
        defer { test.remove() }
        let narrated = Narration()
        _ = mkdir(String(test.cluster.root.dropLast("/cluster".utf8.count)), 0o755)
        let servers = try await withThrowingTaskGroup(of: RunningCluster.self) { group in
            for _ in 0..<6 {
                group.addTask { try await Self.start(test.cluster, narrated) }
            }
            return try await group.reduce(into: Set<RunningCluster>()) { $0.insert($1) }
        }
        #expect(servers.count == 1)
        #expect(narrated.count("Making") == 1)
        #expect(narrated.count("Starting") == 1)
    }

    @Test func aLongPathHasItsSocketInAShortPlace() async throws {
        let deep = "/tmp/piste-test-deep-\(getpid())"
        defer { try? Files.remove(deep) }
        let root = deep + "/" + String(repeating: "very long, 'quoted' name/", count: 5) + "cluster"
        let cluster = LocalCluster(root: root, isThrowaway: true)
        defer { _ = try? cluster.destroy() }
        let running = try cluster.start()
        #expect(running.socketDirectory.utf8.count < 93)
        #expect(running.socketDirectory == cluster.socketDirectory)
        let connection = try await Connection.open(running.settings())
        await connection.close()
        try cluster.destroy()
        #expect(!Files.exists(running.socketDirectory))
    }

    @Test func aDirectoryOfSomebodyElseIsLeftAlone() throws {
        let folder = "/tmp/piste-test-strange-\(getpid())"
        try #require(mkdir(folder, 0o700) == 0)
        defer { try? Files.remove(folder) }
        let owner = try ClusterOwner.current()
        try Files.write("dear diary", to: folder + "/diary", owner: owner)
        let cluster = LocalCluster(root: folder, isThrowaway: true)
        let start = #expect(throws: LocalClusterError.self) { try cluster.start() }
        #expect(start?.code == .notOurs)
        let destroy = #expect(throws: LocalClusterError.self) { try cluster.destroy() }
        #expect(destroy?.code == .notOurs)
        #expect(Files.text(of: folder + "/diary") == "dear diary")
        #expect(chmod(folder, 0o755) == 0)
        let open = #expect(throws: LocalClusterError.self) { try cluster.start() }
        #expect(open?.code == .notOurs)
    }

    @Test(arguments: ["relative/path", "/tmp/a\"b", "/tmp/$(id)", "/tmp/a`b", "/tmp/a\nb"])
    func aPathThatAShellWouldReadIsRefused(root: String) {
        let error = #expect(throws: LocalClusterError.self) { try LocalCluster(root: root).start() }
        #expect(error?.code == .files)
    }

    private static func start(
        _ cluster: LocalCluster,
        _ narration: Narration
    ) async throws -> RunningCluster {
        try await withCheckedThrowingContinuation { continuation in
            OwnThread.run {
                let outcome = Result { () throws(LocalClusterError) in
                    try cluster.start(narrate: narration.add)
                }
                continuation.resume(with: outcome)
            }
        }
    }
}
