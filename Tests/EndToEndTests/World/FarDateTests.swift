import Foundation
import Postgres
import Testing

/// Moments that PostgreSQL allows and no clock shows, in the users of a company: told as what they are, everywhere.
struct FarDateTests {
    private static func add(to world: ConsoleWorld) async throws {
        let home = try await world.home()
        try await world.owner.query(
            """
            INSERT INTO \(home).users (id, email, name, created_at, last_seen_at) VALUES
                (9301, 'inf@far.example', 'Inf', 'infinity', '-infinity'),
                (9302, 'late@far.example', 'Late', '294276-12-31 23:59:59.999999+00', 'infinity'),
                (9303, 'old@far.example', 'Old', '4713-01-01 00:00:00+00 BC', NULL)
            """)
        try await world.owner.query(
            """
            INSERT INTO \(home).journeys (id, user_id, name, started_at, updated_at)
            SELECT 9300 + n, 9300 + n, 'Far', '294276-12-31', 'infinity' FROM generate_series(1, 3) AS n
            """)
    }

    @Test func listsHaveOneFormForThem() async throws {
        try await ConsoleWorld.run { world in
            try await Self.add(to: world)
            for list in ["users", "journeys"] {
                for format in ["table", "json", "csv", "plain"] {
                    let outcome = try await world.piste(
                        list, "awesome", "--filter", "far", "--format", format, as: world.alice)
                    #expect(
                        outcome.status == 0 && outcome.output.contains("infinity"),
                        "\(list) \(format): \(outcome)")
                }
            }
            let users = try await world.piste(
                "users", "awesome", "--filter", "far.example", "--format", "json", as: world.alice
            ).objects()
            let times = users.reduce(into: [String: [String?]]()) { times, user in
                times[user["name"] as? String ?? ""] = [
                    user["created_at"] as? String, user["last_seen_at"] as? String,
                ]
            }
            #expect(times["Inf"] == ["infinity", "-infinity"])
            #expect(times["Late"] == ["+294276-12-31T23:59:59.999999Z", "infinity"])
            #expect(times["Old"] == ["-004712-01-01T00:00:00.000000Z", nil])
            for bound in ["294276-12-31", "999999999-01-01"] {
                let export = try await world.piste("audit", "export", "awesome", "--since", bound)
                #expect([0, 2].contains(export.status), "\(bound): \(export)")
            }
        }
    }

    @Test func theConsoleShowsAndExportsThem() async throws {
        try await ConsoleWorld.run { world in
            try await Self.add(to: world)
            let folder = try TemporaryFolder()
            let tmux = try world.console(columns: 200, rows: 40)
            try await tmux.wait(for: "Awesome Corp", "Blau & Söhne")
            try tmux.press("/")
            try tmux.type("awes")
            try await tmux.waitUntilGone("Blau & Söhne")
            try tmux.press("Enter")
            try await tmux.wait(for: "Ada Lovelace")
            try tmux.press("/")
            try tmux.type("far.example")
            try await tmux.wait(for: "of 3", "-infinity", "never")
            #expect(!tmux.screen.contains("294247") && !tmux.screen.contains("10677"))
            try tmux.press("Enter")
            try await tmux.wait(for: "last seen  -infinity")
            try tmux.press("Escape")
            try await tmux.wait(for: "of 3")
            try tmux.press("x")
            try await tmux.wait(for: "┌ Export ")
            try tmux.press("C-u")
            try tmux.type(folder.path + "/far.csv")
            try tmux.press("Enter")
            try await tmux.wait(for: "Wrote 3 rows")
            let text = try String(contentsOfFile: folder.path + "/far.csv", encoding: .utf8)
            #expect(text.contains(",infinity,'-infinity\r\n"), "\(text)")
            #expect(text.contains(",'+294276-12-31T23:59:59.999999Z,infinity\r\n"), "\(text)")
            #expect(text.contains(",'-004712-01-01T00:00:00.000000Z,\r\n"), "\(text)")
        }
    }
}
