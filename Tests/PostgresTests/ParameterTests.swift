import Postgres
import TestSupport
import Testing

struct ParameterTests {
    @Test func everyTypeArrivesAndComesBack() async throws {
        let connection = try await TestDatabase.scratch()
        let rows = try await connection.query(
            """
            SELECT $1::text AS text, $2::bigint AS big, $3::int AS small, $4::bool AS yes, $5::bool AS no,
                   $6::float8 AS double, $7::bytea AS bytes, $8::uuid AS uuid, $9::jsonb AS json
            """,
            [
                "naïve ‘quotes’ \\ 滑雪 👩‍🚀", .int(.max), -7, true, false, 0.1,
                .bytes([0, 1, 0x27, 0x5c, 0xff]), "6f1e2c44-0000-4000-8000-000000000000", #"{"a": "ü"}"#,
            ],
        )
        let row = try #require(rows.first)
        #expect(try row.string("text") == "naïve ‘quotes’ \\ 滑雪 👩‍🚀")
        #expect(try row.int("big") == Int.max)
        #expect(try row.int("small") == -7)
        #expect(try row.bool("yes"))
        #expect(try !row.bool("no"))
        #expect(try row.double("double") == 0.1)
        #expect(try row.bytes("bytes") == [0, 1, 0x27, 0x5c, 0xff])
        #expect(try row.string("uuid") == "6f1e2c44-0000-4000-8000-000000000000")
        #expect(try row.string(8) == #"{"a": "ü"}"#)
        await connection.close()
    }

    @Test func nullIsNilForEveryReader() async throws {
        let connection = try await TestDatabase.scratch()
        let rows = try await connection.query(
            "SELECT $1::text AS a, $2::int AS b, $3::timestamptz AS c, $4::bytea AS d, $5::bool AS e",
            [nil, .init(nil as Int?), .null, .init(nil as String?), .init(nil as Bool?)],
        )
        let row = try #require(rows.first)
        #expect(try row.optionalString("a") == nil)
        #expect(try row.optionalInt("b") == nil)
        #expect(try row.optionalTimestamp("c") == nil)
        #expect(try row.optionalBytes("d") == nil)
        #expect(try row.optionalBool("e") == nil)
        #expect(try row.optionalDouble("b") == nil)
        #expect(try row.isNull("a"))
        let error = #expect(throws: PostgresError.self) { try row.string("a") }
        #expect(error?.code == .decoding)
        #expect(error?.message == "column a is NULL")
        await connection.close()
    }

    @Test func aNumberFitsTheFunctionThatTakesIt() async throws {
        let connection = try await TestDatabase.scratch()
        let rows = try await connection.query(
            "SELECT make_date($1, $2, $3)::text, repeat($4, $5), to_jsonb($6)::text, abs($7)::text",
            [2026, 3, 1, "ab", 2, 41, .int(-5_000_000_000)],
        )
        #expect(try rows[0].string(0) == "2026-03-01")
        #expect(try rows[0].string(1) == "abab")
        #expect(try rows[0].string(2) == "41")
        #expect(try rows[0].string(3) == "5000000000")
        await connection.close()
    }

    @Test func hostileTextStaysAValue() async throws {
        let connection = try await TestDatabase.scratch()
        let text = "'; DROP TABLE users; --\u{1B}[31m\n\t\u{202E}"
        #expect(try await connection.query("SELECT $1::text", [.text(text)])[0].string(0) == text)
        let quoted = try await connection.query("SELECT \(Quoted.literal(text)), \(Quoted.literal("a\\'b"))")
        #expect(try quoted[0].string(0) == text)
        #expect(try quoted[0].string(1) == "a\\'b")
        let name = "we\"ird \u{22}\u{301} 名"
        try await connection.query("CREATE TEMP TABLE \(Quoted.identifier(name)) (x int)")
        let found = try await connection.query("SELECT 1 FROM pg_class WHERE relname = $1", [.text(name)])
        #expect(found.count == 1)
        await connection.close()
    }

    @Test func nulCharactersAreRefusedBeforeTheyAreCutOff() async throws {
        let connection = try await TestDatabase.scratch()
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT $1", ["a\0b"]) }
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1\0; SELECT 2") }
        #expect(try await connection.query("SELECT 1").count == 1)
        await connection.close()
    }
}

extension TestDatabase {
    /// A superuser's connection to the cluster's own database, for tests that leave nothing behind.
    static func scratch(
        notices: @escaping @Sendable (Notice) -> Void = { _ in },
        lost: @escaping @Sendable (PostgresError) -> Void = { _ in },
        cancelGrace: Duration = .seconds(20)
    ) async throws -> Connection {
        let settings = try await TestCluster.shared.settings()
        return try await Connection.open(settings, cancelGrace: cancelGrace, notices: notices, lost: lost)
    }

    /// Waits until the server works on a statement that contains `text` on that connection.
    static func awaitStatement(_ text: String, on connection: Connection) async throws {
        let observer = try await scratch()
        let began = try await eventually {
            let sql = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE $2"
            return try await observer.query(sql, [.int(Int64(connection.backendPID)), .text("%\(text)%")])
                .count == 1
        }
        #expect(began, "the statement did not begin")
        await observer.close()
    }
}
