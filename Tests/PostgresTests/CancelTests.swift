import Glibc
import Postgres
import Synchronization
import TestSupport
import Testing

struct CancelTests {
    @Test func cancelStopsWhatRunsAndTheConnectionGoesOn() async throws {
        let connection = try await TestDatabase.scratch()
        let sleeping = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await TestDatabase.awaitStatement("pg_sleep", on: connection)
        connection.cancel()
        let error = await #expect(throws: PostgresError.self) { try await sleeping.value }
        #expect(error?.code == .cancelled)
        #expect(error?.sqlState == "57014")
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }

    @Test func cancelWithNothingRunningHarmsNothing() async throws {
        let connection = try await TestDatabase.scratch()
        for _ in 0..<20 {
            connection.cancel()
            #expect(try await connection.query("SELECT 1").count == 1)
        }
        await connection.close()
    }

    @Test func cancellingTheTaskStopsTheStatement() async throws {
        let connection = try await TestDatabase.scratch()
        let task = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await TestDatabase.awaitStatement("pg_sleep", on: connection)
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }

    /// A request that overtakes its statement stops nothing, and one that comes late stops the wrong one.
    @Test func cancellingAtAnyMomentHitsNothingElse() async throws {
        let connection = try await TestDatabase.scratch()
        for number in 0..<60 {
            let task = Task { try await connection.query("SELECT pg_sleep(600)") }
            for _ in 0..<(number % 10) { await Task.yield() }
            if number % 3 == 0 { try await Task.sleep(for: .microseconds(number * 20)) }
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await connection.query("SELECT 1").count == 1)
        }
        await connection.close()
    }

    @Test func aCancelledTaskLeavesTheQueueAtOnce() async throws {
        let connection = try await TestDatabase.scratch()
        let first = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await TestDatabase.awaitStatement("pg_sleep", on: connection)
        let second = Task { try await connection.query("SELECT 2") }
        second.cancel()
        let error = await #expect(throws: PostgresError.self) { try await second.value }
        #expect(error?.code == .cancelled)
        first.cancel()
        await #expect(throws: PostgresError.self) { try await first.value }
        await connection.close()
    }

    @Test func theDeadlineStopsTheStatement() async throws {
        let connection = try await TestDatabase.scratch()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(600)", deadline: .milliseconds(50))
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(try await connection.query("SELECT 1", deadline: .seconds(20)).count == 1)
        await connection.close()
    }

    @Test func theDeadlineCountsWhileWaitingForATurn() async throws {
        let connection = try await TestDatabase.scratch()
        let first = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await TestDatabase.awaitStatement("pg_sleep", on: connection)
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 2", deadline: .milliseconds(20))
        }
        #expect(error?.code == .deadlineExceeded)
        first.cancel()
        await #expect(throws: PostgresError.self) { try await first.value }
        await connection.close()
    }

    @Test func statementTimeoutIsTheServersCancelling() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("SET statement_timeout = 20")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(600)")
        }
        #expect(error?.code == .cancelled)
        #expect(error?.message.contains("statement timeout") == true)
        await connection.close()
    }

    @Test func aServerThatIgnoresTheCancellingLosesItsConnection() async throws {
        let connection = try await TestDatabase.scratch(cancelGrace: .milliseconds(300))
        kill(connection.backendPID, SIGSTOP)
        defer { kill(connection.backendPID, SIGCONT) }
        // On a busy machine a deadline may pass before the statement is sent: then there is nothing to cancel yet.
        let isGone = try await eventually {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT 1", deadline: .milliseconds(200))
            }
            #expect(error?.code == .deadlineExceeded || !connection.isAlive)
            return !connection.isAlive
        }
        #expect(isGone)
        let next = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 1", deadline: .seconds(5))
        }
        #expect(next?.code == .connectionLost)
    }

    @Test func aStuckConnectionCanBeAbandoned() async throws {
        let connection = try await TestDatabase.scratch()
        kill(connection.backendPID, SIGSTOP)
        defer { kill(connection.backendPID, SIGCONT) }
        let stuck = Task { try await connection.query("SELECT 1") }
        let queued = Task { try await connection.query("SELECT 2") }
        // Whether it was already on its way or not: it ends.
        await Task.yield()
        connection.abandon()
        for task in [stuck, queued] {
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .connectionLost)
        }
        #expect(!connection.isAlive)
        await connection.close()
    }
}
