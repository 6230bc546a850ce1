import TestSupport
import Testing

@testable import Postgres

/// Moments that PostgreSQL allows and no clock shows: none ends the program.
struct FarTimestampTests {
    @Test("What the server writes at its ends is read, and written so that it reads the same")
    func ends() async throws {
        let connection = try await TestDatabase.scratch()
        let rows = try await connection.query(
            """
            SELECT at, at::text AS text FROM unnest('{infinity,-infinity,294276-12-31 23:59:59.999999+00,
                4714-11-24 00:00:00+00 BC,0001-01-01 00:00+00,0001-12-31 23:59:59.5+00 BC}'::timestamptz[]) AS at
            """)
        for row in rows {
            let moment = try row.timestamp("at")
            let same = try await connection.query(
                "SELECT $1::timestamptz = $2::timestamptz",
                [Parameter(moment), .text(try row.string("text"))])
            #expect(try same[0].bool(0), "\(moment)")
        }
        await connection.close()
    }

    @Test(
        "A text of any digits is read or refused",
        arguments: [
            "999999999-01-01 00:00:00Z", "999999999-12-31", "300000-01-01T00:00:00Z", "000000000-01-01",
            "2026-03-01 999999999:999999999:999999999Z", "2026-03-01 00:00:00+999999999:999999999",
            "999999999-12-31 23:59:59 BC", "1-1-1", "2026-03-01 00:00:00.999999999Z", "-1-01-01",
        ])
    func digits(text: String) {
        guard let moment = Timestamp(text) else { return }
        #expect(Timestamp(moment.description) == moment)
    }

    @Test("A walk through random texts of the right signs never ends the program")
    func fuzz() {
        var random = SplitMix(seed: 16)
        let signs = Array("0123456789-: .+TZBC")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int(random.next() % 36)).map { _ in signs[Int(random.next() % UInt64(signs.count))] })
            if let moment = Timestamp(text) { #expect(!moment.description.isEmpty) }
        }
    }

    @Test("Sums beyond what can be counted are the infinity on their side")
    func sums() {
        let late = Timestamp(sinceMillennium: .max - 5)
        #expect(late.advanced(by: .seconds(1)) == .infinity)
        #expect(late.advanced(by: .seconds(Int64.max)) == .infinity)
        #expect(Timestamp(sinceMillennium: .min + 5).advanced(by: .seconds(-1)) == .negativeInfinity)
        #expect(late.microseconds == .max - 1 && late < .infinity)
        #expect(Timestamp(secondsSince1970: 1e300) == .infinity)
        #expect(Timestamp(secondsSince1970: -.infinity) == .negativeInfinity)
        #expect(Timestamp(secondsSince1970: .nan) == .infinity)
        #expect(Timestamp(secondsSince1970: 1.5).microseconds == 1_500_000)
    }

    @Test(
        "What was seconds in between is the same moment, near today to the microsecond",
        arguments: [
            "infinity", "-infinity", "294276-12-31 23:59:59.999999+00", "4714-11-24 00:00:00+00 BC",
            "1970-01-01 00:00:00+00", "1999-12-31 23:59:59.999999+00", "2000-01-01 00:00:00.000001+00",
            "2026-11-30 21:18:52.417969+00", "2026-11-30 21:18:52.999999+00", "2099-12-31 23:59:59.123457+00",
            "1900-01-01 00:00:00.5+00", "0001-01-01 00:00:00+00",
        ])
    func seconds(text: String) throws {
        let moment = try #require(Timestamp(text))
        #expect(Timestamp(secondsSince1970: moment.secondsSince1970) == moment, "\(moment)")
    }

    @Test("The last thirty years that are counted are no infinity")
    func lastYears() throws {
        for text in [
            "294247-01-10 04:00:54.775807+00", "294250-06-01 12:00:00+00", "294276-12-31 00:00:00+00",
        ] {
            let moment = try #require(Timestamp(text))
            let same = Timestamp(secondsSince1970: moment.secondsSince1970)
            #expect(same.isFinite && same.isoText.prefix(20) == moment.isoText.prefix(20), "\(same)")
        }
    }

    @Test("NULL where none was expected is an error of the read")
    func null() async throws {
        let connection = try await TestDatabase.scratch()
        let row = try await connection.query(
            "SELECT NULL::timestamptz AS at, NULL::int AS n, 'NaN'::float8 AS x")[0]
        #expect(throws: PostgresError.self) { try row.timestamp("at") }
        #expect(throws: PostgresError.self) { try row.int("n") }
        #expect(throws: PostgresError.self) { try row.int("x") }
        #expect(try row.double("x").isNaN)
        await connection.close()
    }
}
