import Foundation
import Postgres
import Testing

/// A table for people of more rows than are kept: every row is there, whole, however far down it stands.
struct LongTableTests {
    @Test func losesNothingOfWhatComesLate() async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            let long = String(repeating: "Zz ", count: 60) + "Last"
            try await world.owner.query("SET session_replication_role = replica")
            try await world.owner.query(
                """
                INSERT INTO \(home).users (id, email, name)
                SELECT 20000 + n, 'l' || n || '@long.example', 'Row ' || n FROM generate_series(1, 5400) AS n
                """)
            try await world.owner.query(
                "INSERT INTO \(home).users (id, email, name) VALUES (30000, 'last@long.example', '\(long)')")
            try await world.owner.query("RESET session_replication_role")
            let table = try await world.piste(
                "users", "awesome", "--filter", "@long.example", "--limit", "10000", as: world.alice)
            #expect(table.status == 0 && table.narration.isEmpty, "\(table.narration)")
            #expect(table.lines.count == 5402)
            #expect(table.lines.first?.hasPrefix("   ID  NAME") == true, "\(table.lines.first ?? "")")
            #expect(
                table.lines.last?.contains(long) == true
                    && table.lines.last?.contains("last@long.example") == true)
            let places = Set(
                table.lines.dropFirst().dropLast().map {
                    $0.firstRange(of: "l")?.lowerBound.utf16Offset(in: $0)
                })
            #expect(places.count == 1, "the addresses stand below each other")
        }
    }
}
