import Foundation
import Postgres
import Testing

/// CSV for people opens in a spreadsheet without running anything; exact CSV stays exact.
struct SpreadsheetTests {
    private static let texts = [
        "=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\u{FF1D}1",
        "  =1",
        "\u{200B}=1", "\u{FEFF}@x", "\n=1", "\u{2212}1",
    ]
    private static let numbers = ["00123", "12345678901234567890"]
    private static let plain = [
        "Ünïcode é 日本", "a=b", "1-2", "0", "42", "x@y.example", "O'Neill", "comma, \"quote\"",
    ]

    private static func add(_ names: [String], to world: ConsoleWorld) async throws {
        let home = try await world.home()
        for (number, name) in names.enumerated() {
            try await world.owner.query(
                "INSERT INTO \(home).users (id, email, name) VALUES ($1, $2, $3)",
                [.int(Int64(9_100 + number)), .text("s\(number)@sheet.example"), .text(name)])
        }
    }

    @Test func runsNothingAndManglesNothing() async throws {
        try await ConsoleWorld.run { world in
            let all = Self.texts + Self.numbers + Self.plain
            try await Self.add(all, to: world)
            let list = ["users", "awesome", "--filter", "@sheet.example", "--limit", "100"]
            func run(_ more: String...) async throws -> Piste.Outcome {
                try await Piste.run(list + more, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
            }
            let sheet = try await run("--spreadsheet")
            #expect(sheet.status == 0, "\(sheet)")
            #expect(sheet.bytes.starts(with: [0xEF, 0xBB, 0xBF]), "it is read as UTF-8")
            let text = String(sheet.output.dropFirst())
            #expect(text.utf8.split(separator: 0x0A).allSatisfy { $0.last == 0x0D })
            #expect(!sheet.bytes.contains(0x1B) && !sheet.output.contains("\u{200B}"))
            let rows = CommaSeparated.rows(text.replacing("\r\n", with: "\n"))
            #expect(rows.count == all.count + 1 && rows.allSatisfy { $0.count == 8 })
            let names = CommaSeparated.column("name", of: text.replacing("\r\n", with: "\n"))
            let dangerous: Set<Character> = ["=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{2212}"]
            #expect(names.allSatisfy { $0.first.map(dangerous.contains) != true }, "\(names)")
            for name in Self.plain { #expect(names.contains(name), "\(name)") }
            for number in Self.numbers { #expect(names.contains("'" + number)) }
            #expect(names.filter { $0.hasPrefix("'") }.count == Self.texts.count + Self.numbers.count)

            let exact = try await run("--format", "csv")
            #expect(Set(CommaSeparated.column("name", of: exact.output)) == Set(all))
            #expect(exact.bytes.first != 0xEF && !exact.output.contains("\r\n"))
            #expect(try await run("--spreadsheet", "--format", "json").status == 2)
            #expect(try await run("--spreadsheet", "--format", "csv").output == sheet.output)
        }
    }

    /// NULL is nothing, an empty text two quotation marks, and every time has one form that sorts as a text.
    @Test func tellsNothingFromEmptyAndSortsByTime() async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            try await world.owner.query(
                """
                INSERT INTO \(home).users (id, email, name, created_at, last_seen_at) VALUES
                    (9201, 'a@time.example', '', '2026-01-01 00:00:00.5+00', NULL),
                    (9202, 'b@time.example', 'B', '2026-01-01 00:00:00+00', '2026-01-01 00:00:00.000001+00'),
                    (9203, 'c@time.example', 'C', '2026-01-01 00:00:00.49+00', '2026-01-01 00:00:00+00')
                """)
            let list = ["users", "awesome", "--filter", "@time.example", "--format", "csv"]
            let csv = try await Piste.run(list, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
            #expect(csv.output.contains(",\"\",a@time.example,") && csv.lines.contains { $0.hasSuffix(",") })
            let times = CommaSeparated.column("created_at", of: csv.output).sorted()
            #expect(
                times == [
                    "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.490000Z",
                    "2026-01-01T00:00:00.500000Z",
                ])
        }
    }
}
