import Postgres
import TestSupport
import Testing

/// The stories of a support agent's day, with the built console on a real terminal and a real PostgreSQL.
@Suite(.serialized)
struct WholeWayTests {
    /// A ticket says that Ada cannot finish onboarding: find the step where it stalled, help her, end it, write it up.
    @Test(arguments: [(80, 24), (100, 30), (200, 60)])
    func fromTheListToTheStalledStepAndBack(columns: Int, rows: Int) async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: columns, rows: rows)
            try await tmux.wait(for: "Awesome Corp", "Blau & Söhne", "Evil ␛[2J")
            // Six keys besides what is typed.
            try tmux.press("/")
            try tmux.type("awes")
            try await tmux.waitUntilGone("Blau & Söhne")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace", "Audit trail · Awesome Corp")
            try tmux.press("/")
            try tmux.type("ada@")
            try await tmux.wait(for: "1 of 1")
            try tmux.press("Enter")
            try await tmux.wait(for: "! 3 invite team", "stalled 2 d, since ")

            // Nine more: impersonate for ten minutes, retry the step, see it recorded, end it.
            try tmux.press("i")
            try await tmux.wait(for: "Impersonate · Awesome Corp", "ada@awesome.example")
            try tmux.type("cannot finish onboarding")
            try tmux.press("Tab")
            try tmux.type("SUP-812")
            try tmux.press("Tab")
            try tmux.type("10")
            try tmux.press("Tab")
            try tmux.type("awesome")
            try tmux.press("Enter")
            try await tmux.wait(for: "IMPERSONATING ada@awesome.example", "read+write", "invite team")
            #expect(tmux.screen.contains(#/ (10:00|0[5-9]:\d\d)\s*$/#.anchorsMatchLineEndings()))
            try tmux.press("e")
            try await tmux.wait(for: "retry step 3")
            try tmux.press("r")
            try await tmux.wait(for: "Retry step 3 “invite team”?")
            try tmux.press("y")
            try await tmux.wait(for: "◆ 3 invite team", "journey_steps.update", "is being tried again")
            try tmux.press("E")
            try await tmux.wait(for: "ACCESS  read-only", "◆ 3 invite team")

            // The screen comes back at once, while the server still ends the context.
            var ended: String?
            _ = try await eventually(within: .seconds(60)) {
                ended = try await world.value(
                    """
                    SELECT string_agg(purpose || ' ' || coalesce(ended_at IS NOT NULL, false), ', ' ORDER BY issued_at)
                    FROM piste.context
                    """)
                return ended == "access false, impersonation true"
            }
            #expect(ended == "access false, impersonation true")
            let reason = try await world.value(
                "SELECT reason || ' ' || ticket FROM piste.context WHERE reason IS NOT NULL")
            #expect(reason == "cannot finish onboarding SUP-812")
            let home = try await world.home()
            let change = try await world.value(
                """
                SELECT actor || ' as ' || subject || ': ' || (detail -> 'old' ->> 'state') || ' > ' || (detail -> 'new' ->> 'state')
                FROM \(home).audit WHERE action = 'journey_steps.update'
                """)
            #expect(change == "\(world.alice) as ada@awesome.example: stalled > active")
            try tmux.press("C-c")
            try await tmux.wait(for: "Quit Piste?")
            try tmux.press("y")
            try await tmux.wait(for: "[exit 0]")
            let open = try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL")
            #expect(open == "0")
        }
    }

    /// The link drops in the middle of an impersonation: both contexts end in the database when the link does.
    @Test func aCutLinkEndsTheImpersonation() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS")
            try await impersonate(tmux)
            try tmux.hangUp()
            try await eventually {
                let row = try await world.owner.query(
                    "SELECT count(*) FROM piste.context WHERE purpose = 'impersonation' AND ended_at IS NOT NULL"
                )
                return try row.first?.int(0) == 1
            }
            try await eventually {
                let rows = try await world.owner.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", [.text(world.alice)])
                return try rows.first?.int(0) == 0
            }
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

    /// An admin ends a context: the console says who is out and why.
    @Test func anAdminEndsTheContextUnderTheConsole() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS")
            let admin = try world.console(as: world.bob)
            try await admin.wait(for: "Awesome Corp")
            try admin.press("C")
            try await admin.wait(for: "Contexts · everybody's", world.alice)
            try admin.press("x")
            try await admin.wait(for: "End the context of")
            try admin.type("wrong ticket")
            try admin.press("Enter")
            try await tmux.wait(for: "Context ended", "wrong ticket")
            #expect(!tmux.screen.contains("Ada Lovelace"))
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
