import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

struct LossTests {
    @Test func aTerminatedBackendSaysWhy() async throws {
        let connection = try await TestDatabase.scratch()
        let administrator = try await TestDatabase.scratch()
        let running = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await TestDatabase.awaitStatement("pg_sleep", on: connection)
        try await administrator.query(
            "SELECT pg_terminate_backend($1)", [.int(Int64(connection.backendPID))])
        let error = await #expect(throws: PostgresError.self) { try await running.value }
        #expect(error?.code == .connectionLost)
        #expect(error?.sqlState == "57P01")
        #expect(error?.message == "terminating connection due to administrator command")
        #expect(!connection.isAlive)
        let next = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(next?.code == .connectionLost)
        #expect(next?.sqlState == "57P01")
        await administrator.close()
    }

    @Test func anIdleConnectionHearsThatItEnds() async throws {
        let (losses, continuation) = AsyncStream.makeStream(of: PostgresError.self)
        let connection = try await TestDatabase.scratch(lost: { continuation.yield($0) })
        let administrator = try await TestDatabase.scratch()
        try await administrator.query(
            "SELECT pg_terminate_backend($1)", [.int(Int64(connection.backendPID))])
        let loss = await losses.first { _ in true }
        #expect(loss?.code == .connectionLost)
        #expect(loss?.sqlState == "57P01")
        #expect(!connection.isAlive)
        let next = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(next?.sqlState == "57P01")
        await administrator.close()
    }

    @Test func anIdleTimeoutSaysItsName() async throws {
        let (losses, continuation) = AsyncStream.makeStream(of: PostgresError.self)
        let connection = try await TestDatabase.scratch(lost: { continuation.yield($0) })
        try await connection.query("SET idle_session_timeout = 20")
        let loss = await losses.first { _ in true }
        #expect(loss?.sqlState == "57P05")
        #expect(!connection.isAlive)
    }

    @Test func closingAndAbandoningAreNoLoss() async throws {
        let losses = Atomic<Int>(0)
        let count: @Sendable (PostgresError) -> Void = { _ in losses.add(1, ordering: .relaxed) }
        let closed = try await TestDatabase.scratch(lost: count)
        await closed.close()
        let abandoned = try await TestDatabase.scratch(lost: count)
        abandoned.abandon()
        await abandoned.close()
        #expect(losses.load(ordering: .relaxed) == 0)
    }

    @Test func aServerThatStopsAtOnceIsALostConnection() async throws {
        let own = TestCluster()
        defer { own.remove() }
        let settings = try await own.settings()
        let idle = try await Connection.open(settings)
        let busy = try await Connection.open(settings)
        let running = Task { try await busy.query("SELECT pg_sleep(600)") }
        let isRunning = try await eventually {
            try await idle.query(
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(6%' AND pid <> pg_backend_pid()"
            )
            .count == 1
        }
        #expect(isRunning)
        try await own.crash()
        let error = await #expect(throws: PostgresError.self) { try await running.value }
        #expect(error?.code == .connectionLost)
        #expect(try await eventually { !idle.isAlive })
        let next = await #expect(throws: PostgresError.self) { try await idle.query("SELECT 1") }
        #expect(next?.code == .connectionLost)
        // Nobody listens any more.
        let refused = await #expect(throws: PostgresError.self) {
            try await Connection.open(settings)
        }
        #expect(refused?.code == .unreachable)
    }

    @Test func threadsAndDescriptorsAreGivenBack() async throws {
        await #expect(processExitsWith: .success) {
            let settings = try await TestCluster.shared.settings()
            try await Connection.open(settings).close()
            try #require(try await Self.areThreads(0))
            let descriptors = Self.descriptors
            for _ in 0..<3 {
                var connections: [Connection] = []
                for _ in 0..<10 { connections.append(try await Connection.open(settings)) }
                try #require(try await Self.areThreads(10))
                for connection in connections.prefix(4) { await connection.close() }
                for connection in connections.dropFirst(4).prefix(3) { connection.abandon() }
                // The rest end with their last reference.
                connections = []
                try #require(try await Self.areThreads(0))
            }
            let areClosed = try await eventually { Self.descriptors <= descriptors }
            try #require(areClosed)
        }
    }

    private static func areThreads(_ count: Int) async throws -> Bool {
        try await eventually { threads == count }
    }

    private static var threads: Int {
        names(in: "/proc/self/task").count { name in
            var bytes = [UInt8](repeating: 0, count: 32)
            let file = open("/proc/self/task/\(name)/comm", O_RDONLY)
            defer { close(file) }
            let length = max(0, read(file, &bytes, bytes.count))
            return String(decoding: bytes[..<length], as: UTF8.self) == "piste-postgres\n"
        }
    }

    private static var descriptors: Int { names(in: "/proc/self/fd").count }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
