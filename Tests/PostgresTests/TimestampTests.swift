import Postgres
import TestSupport
import Testing

struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01 00:00:00+00", 0),
        ("2026-03-01 12:04:31.5+02", 1_772_359_471_500_000),
        ("2026-03-01 12:04:31.000001-03:30", 1_772_379_271_000_001),
        ("2026-03-01T12:04:31Z", 1_772_366_671_000_000),
        ("2026-03-01 12:04:31", 1_772_366_671_000_000),
        ("2026-03-01", 1_772_323_200_000_000),
        ("1969-12-31 23:59:59.999999+00", -1),
        ("0001-01-01 00:00:00+00 BC", -62_167_219_200_000_000),
        ("infinity", Int64.max),
        ("-infinity", Int64.min),
    ])
    func readsWhatPostgresWrites(text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "today", "2026-13-01", "2026-03-01 12", "2026-03-01 12:04:31+", "01.03.2026", "2026-03-01 x",
    ])
    func refusesWhatIsNoMoment(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func writesUTC() {
        #expect(Timestamp(microseconds: 1_772_366_671_500_000).description == "2026-03-01T12:04:31.500000Z")
        #expect(Timestamp(microseconds: 0).description == "1970-01-01T00:00:00.000000Z")
        #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
        // The ends of what can be counted, and what is before Christ: for PostgreSQL, and for everybody else.
        #expect(Timestamp(microseconds: .max - 1).description == "294247-01-10T04:00:54.775806Z")
        #expect(Timestamp(microseconds: .max - 1).isoText == "+294247-01-10T04:00:54.775806Z")
        #expect(Timestamp("294276-12-31 23:59:59.999999+00")?.isoText == "+294276-12-31T23:59:59.999999Z")
        #expect(Timestamp("4713-01-01 00:00:00+00 BC")?.isoText == "-004712-01-01T00:00:00.000000Z")
        #expect(Timestamp("4713-01-01 00:00:00+00 BC")?.description == "4713-01-01T00:00:00.000000Z BC")
        #expect(Timestamp.infinity.isoText == "infinity")
    }

    @Test func agreesWithTheServerInEveryZoneAndEra() async throws {
        let connection = try await TestDatabase.scratch()
        for zone in ["UTC", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"] {
            try await connection.query("SELECT set_config('timezone', $1, false)", [.text(zone)])
            let rows = try await connection.query(
                """
                SELECT moment, (extract(epoch FROM moment) * 1000000)::bigint AS microseconds
                FROM generate_series(timestamptz '1800-06-15', '2400-01-01', '17 days 03:07:11.123457')
                     AS moment
                """)
            for row in rows {
                let moment = try row.timestamp("moment")
                let microseconds = try row.int("microseconds")
                try #require(Int(moment.microseconds) == microseconds)
            }
            let moments = try rows.map { try $0.timestamp("moment").description }
            let numbers = try rows.map { try $0.string("microseconds") }
            let back = try await connection.query(
                """
                SELECT count(*) FROM unnest($1::timestamptz[], $2::bigint[]) AS pair (moment, number)
                WHERE extract(epoch FROM moment) * 1000000 <> number
                """,
                [
                    .text("{" + moments.joined(separator: ",") + "}"),
                    .text("{" + numbers.joined(separator: ",") + "}"),
                ],
            )
            #expect(try back[0].int(0) == 0)
        }
        await connection.close()
    }

    @Test func ordersAndSubtracts() {
        let moment = Timestamp(microseconds: 1_000_000)
        #expect(Timestamp.negativeInfinity < moment && moment < .infinity)
        #expect(moment.advanced(by: .milliseconds(1500)).microseconds == 2_500_000)
        #expect(moment.duration(to: Timestamp(microseconds: 500_000)) == .milliseconds(-500))
        #expect(moment.duration(to: .infinity) > .seconds(1_000_000_000))
        #expect(Timestamp.infinity.advanced(by: .seconds(1)) == .infinity)
    }
}
