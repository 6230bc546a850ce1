import Postgres
import TestSupport
import Testing

/// How a context ends under the console, with the built program on a real terminal and a real PostgreSQL.
@Suite(.serialized)
struct WholeWayTests {
    /// The link drops in the middle of an impersonation: both contexts end in the database when the link does.
    @Test func aCutLinkEndsTheImpersonation() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS")
            try await impersonate(tmux)
            try tmux.hangUp()
            let ended = try await eventually {
                let row = try await world.owner.query(
                    "SELECT count(*) FROM piste.context WHERE purpose = 'impersonation' AND ended_at IS NOT NULL"
                )
                return try row.first?.int(0) == 1
            }
            #expect(ended)
            let isGone = try await eventually {
                let rows = try await world.owner.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", [.text(world.alice)])
                return try rows.first?.int(0) == 0
            }
            #expect(isGone)
            // Coming back, the record shows it.
            let again = try world.console()
            try await again.wait(for: "Awesome Corp")
            try again.press("Enter")
            try await again.wait(for: "ACCESS")
            try again.press("A")
            try await again.wait(for: "context.close", "impersonation.issue")
        }
    }

    /// The countdown reaches zero: the rows leave the screen, a fresh token brings the place back.
    @Test func theEndOfAContextWipesTheScreen() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS", "Ada Lovelace", "users.read")
            try await world.owner.query(
                "UPDATE piste.context SET expires_at = clock_timestamp() - interval '1 second' WHERE ended_at IS NULL"
            )
            // Whoever sweeps first, the console itself or this, ends it.
            let bob = try await world.database.connect(as: world.bob)
            try await bob.query("SELECT * FROM piste.sweep()")
            await bob.close()
            let wiped = try await tmux.wait(for: "Context ended", "⏎ asks for a fresh token")
            #expect(!wiped.contains("Ada Lovelace"))
            #expect(!wiped.contains("users.read"))
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS", "Ada Lovelace")
        }
    }

    private func impersonate(_ tmux: Tmux) async throws {
        try tmux.press("i")
        try await tmux.wait(for: "Impersonate · Awesome Corp")
        try tmux.type("order stuck")
        try tmux.press("Tab", "Tab", "Tab")
        try tmux.type("awesome")
        try tmux.press("Enter")
        try await tmux.wait(for: "IMPERSONATING", "read+write")
    }
}
