import Postgres
import Synchronization
import TestSupport
import Testing

struct CopyTests {
    private struct Broken: Error {}

    @Test func aHundredThousandRowsInAndOut() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE person (id int, name text)")
        var next = 0
        let copied = try await connection.copyIn("COPY person FROM STDIN") {
            guard next < 100_000 else { return nil }
            defer { next += 500 }
            return Array((next..<next + 500).map { "\($0)\tname é \($0)\n" }.joined().utf8)
        }
        #expect(copied == 100_000)
        let sum = try await connection.query("SELECT count(*) AS n, sum(id) AS total FROM person")[0]
        #expect(try sum.int("n") == 100_000)
        #expect(try sum.int("total") == 4_999_950_000)

        let bytes = Atomic<Int>(0)
        let rows = try await connection.copyOut("COPY person TO STDOUT") { row in
            bytes.add(row.count, ordering: .relaxed)
        }
        #expect(rows == 100_000)
        #expect(
            bytes.load(ordering: .relaxed)
                == (0..<100_000).reduce(0) { $0 + "\($1)\tname é \($1)\n".utf8.count })
        await connection.close()
    }

    @Test func aBadRowEndsItWithTheServersWords() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE number (x int)")
        let error = await #expect(throws: PostgresError.self) {
            var isFirst = true
            return try await connection.copyIn("COPY number FROM STDIN") {
                defer { isFirst = false }
                return isFirst ? Array("1\nseven\n".utf8) : nil
            }
        }
        #expect(error?.sqlState == "22P02")
        #expect(error?.context?.contains("line 2") == true)
        #expect(try await connection.query("SELECT count(*) FROM number")[0].int(0) == 0)
        await connection.close()
    }

    @Test func whatTheProducerThrowsIsTheCause() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE number (x int)")
        let error = await #expect(throws: PostgresError.self) {
            var count = 0
            return try await connection.copyIn("COPY number FROM STDIN") {
                count += 1
                if count == 3 { throw Broken() }
                return Array("1\n".utf8)
            }
        }
        #expect(error?.cause is Broken)
        #expect(try await connection.query("SELECT count(*) FROM number")[0].int(0) == 0)
        await connection.close()
    }

    @Test func whatTheConsumerThrowsEndsIt() async throws {
        let connection = try await TestDatabase.scratch()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyOut("COPY (SELECT generate_series(1, 10000000)) TO STDOUT") { _ in
                throw Broken()
            }
        }
        #expect(error?.cause is Broken)
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }

    @Test func anEndlessProducerCanBeCancelled() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE number (x int)")
        let task = Task {
            try await connection.copyIn("COPY number FROM STDIN") { Array("1\n".utf8) }
        }
        try await TestDatabase.awaitStatement("COPY number", on: connection)
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await connection.query("SELECT count(*) FROM number")[0].int(0) == 0)
        await connection.close()
    }

    @Test(arguments: ["COPY number FROM STDIN", "COPY number TO STDOUT"])
    func copyInAQueryIsMisuse(sql: String) async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE number (x int)")
        let error = await #expect(throws: PostgresError.self) { try await connection.query(sql) }
        #expect(error?.code == .misuse)
        let script = await #expect(throws: PostgresError.self) { try await connection.run(script: sql) }
        #expect(script?.code == .misuse)
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }

    @Test func aStatementThatIsNoCopyIsMisuse() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE number (x int)")
        for sql in ["SELECT 1", "COPY number TO STDOUT"] {
            let error = await #expect(throws: PostgresError.self) { try await connection.copyIn(sql) { nil } }
            #expect(error?.code == .misuse)
        }
        for sql in ["SELECT 1", "COPY number FROM STDIN"] {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyOut(sql) { _ in }
            }
            #expect(error?.code == .misuse)
        }
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }
}
