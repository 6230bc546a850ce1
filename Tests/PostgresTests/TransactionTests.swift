import Postgres
import TestSupport
import Testing

struct TransactionTests {
    private struct Stop: Error {}

    @Test func commitsWhatReturnsAndUndoesWhatThrows() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE t (x int)")
        let value = try await connection.transaction { connection in
            try await connection.query("INSERT INTO t VALUES (1)")
            return try await connection.query("SELECT count(*) FROM t")[0].int(0)
        }
        #expect(value == 1)
        await #expect(throws: Stop.self) {
            try await connection.transaction { connection in
                try await connection.query("INSERT INTO t VALUES (2)")
                throw Stop()
            }
        }
        #expect(try await connection.query("SELECT count(*) FROM t")[0].int(0) == 1)
        await connection.close()
    }

    @Test func othersWaitUntilItEnds() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE t (x int)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await connection.transaction { connection in
                        let inside = "SELECT txid_current()::text"
                        let first = try await connection.query(inside)[0].string(0)
                        try await connection.query("INSERT INTO t VALUES ($1)", [.int(Int64(number))])
                        async let nested = connection.query(inside)
                        #expect(try await nested[0].string(0) == first)
                    }
                }
                group.addTask {
                    // Outside of any transaction every statement has one of its own.
                    let first = try await connection.query("SELECT txid_current()::text")[0].string(0)
                    let second = try await connection.query("SELECT txid_current()::text")[0].string(0)
                    #expect(first != second)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await connection.query("SELECT count(*) FROM t")[0].int(0) == 10)
        await connection.close()
    }

    @Test func aFailedStatementThatWasSwallowedIsNotCommitted() async throws {
        let connection = try await TestDatabase.scratch()
        await #expect(throws: PostgresError.self) {
            try await connection.transaction { connection in
                _ = try? await connection.query("SELECT 1/0")
            }
        }
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }

    @Test func cancellingTheTaskRollsBack() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE t (x int)")
        let task = Task {
            try await connection.transaction { connection in
                try await connection.query("INSERT INTO t VALUES (1)")
                try await connection.query("SELECT pg_sleep(600)")
            }
        }
        try await TestDatabase.awaitStatement("pg_sleep", on: connection)
        task.cancel()
        await #expect(throws: PostgresError.self) { try await task.value }
        #expect(try await connection.query("SELECT count(*) FROM t")[0].int(0) == 0)
        await connection.close()
    }

    @Test func oneInsideTheOtherIsRefused() async throws {
        let connection = try await TestDatabase.scratch()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { connection in
                try await connection.transaction { _ in }
            }
        }
        #expect(error?.code == .misuse)
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }

    @Test func closingInsideEndsTheTransaction() async throws {
        let connection = try await TestDatabase.scratch()
        await #expect(throws: PostgresError.self) {
            try await connection.transaction { await $0.close() }
        }
        #expect(!connection.isAlive)
    }
}
