import Glibc
import Postgres
import TestSupport
import Testing

struct ConnectingTests {
    @Test func nobodyListening() async {
        let error = await #expect(throws: PostgresError.self) {
            try await Connection.open(ConnectionSettings("host=/nowhere/piste dbname=x"))
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("/nowhere/piste") == true)
        #expect(error?.sqlState == nil)
    }

    @Test func anUnknownDatabaseIsARefusal() async throws {
        let settings = try await TestCluster.shared.settings(database: "no such thing")
        let error = await #expect(throws: PostgresError.self) { try await Connection.open(settings) }
        #expect(error?.code == .refusedByServer)
        #expect(error?.sqlState == "3D000")
        #expect(error?.message == #"database "no such thing" does not exist"#)
    }

    @Test func anUnknownRoleIsARefusal() async throws {
        let settings = try await TestCluster.shared.settings(user: "nobody at all")
        let error = await #expect(throws: PostgresError.self) { try await Connection.open(settings) }
        #expect(error?.code == .refusedByServer)
        #expect(error?.sqlState == "28000")
    }

    @Test func aServerThatNeverAnswersIsUnreachableInTime() async throws {
        let silent = try SilentServer()
        let settings = silent.settings.with(connectTimeout: 1)
        let error = await #expect(throws: PostgresError.self) { try await Connection.open(settings) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("within 1 second") == true)
    }

    @Test func connectingEndsWithItsTask() async throws {
        let silent = try SilentServer()
        let task = Task { try await Connection.open(silent.settings.with(connectTimeout: 600)) }
        await Task.yield()
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func settingsReachTheServer() async throws {
        let settings = try await TestCluster.shared.settings()
            .with(applicationName: "piste tests", options: "-c statement_timeout=12345")
        let connection = try await Connection.open(settings)
        let row = try await connection.query(
            """
            SELECT current_setting('application_name') AS name,
                   current_setting('statement_timeout') AS timeout,
                   current_setting('client_encoding') AS encoding, pg_backend_pid() AS pid
            """)[0]
        #expect(try row.string("name") == "piste tests")
        #expect(try row.string("timeout") == "12345ms")
        #expect(try row.string("encoding") == "UTF8")
        #expect(try row.int("pid") == Int(connection.backendPID))
        #expect(connection.serverVersion >= 150_000)
        await connection.close()
    }

    @Test func manyAtTheSameTime() async throws {
        let settings = try await TestCluster.shared.settings()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let connection = try await Connection.open(settings)
                    let answer = try await connection.query("SELECT $1::int", [.int(Int64(number))])[0].int(0)
                    await connection.close()
                    return answer
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(answers.count == 40)
    }
}

/// A unix socket where somebody listens and never says a word.
private final class SilentServer: Sendable {
    private let folder: String
    private let descriptor: Int32

    init() throws {
        var template = Array("/tmp/piste-silent-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array((folder + "/.s.PGSQL.5432").utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(status == 0 && listen(descriptor, 8) == 0)
    }

    deinit {
        close(descriptor)
        unlink(folder + "/.s.PGSQL.5432")
        rmdir(folder)
    }

    var settings: ConnectionSettings { ConnectionSettings("host=\(folder) user=x dbname=x") }
}
