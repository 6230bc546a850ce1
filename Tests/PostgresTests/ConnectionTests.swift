import Postgres
import TestSupport
import Testing

struct ConnectionTests {
    @Test func answersAQuery() async throws {
        try await withTestDatabase { database in
            let connection = try await database.superuser()
            let rows = try await connection.query(
                "SELECT $1 AS a, $2 + 1 AS b, $3::text AS c", ["é", 41, nil])
            #expect(rows.count == 1)
            #expect(try rows[0].string("a") == "é")
            #expect(try rows[0].int("b") == 42)
            #expect(try rows[0].optionalString("c") == nil)
            await connection.close()
        }
    }
}
