import Postgres
import TestSupport
import Testing

/// Two companies open in one console, each on a connection of its own, while the server does its worst.
@Suite(.serialized)
struct SeveralCompaniesTests {
    /// A read of the company that was left for a moment is answered late: into its own list, and onto no other frame.
    @Test func aLateAnswerReachesNoFrameOfTheOtherCompany() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await SeveralCompanies.open(tmux)
            try tmux.press("w")
            try await tmux.wait(for: "u3@awesome.example")
            let home = try await world.home("awesome")
            let blocker = try await world.database.superuser()
            try await blocker.run(script: "BEGIN; LOCK TABLE \(home).users IN ACCESS EXCLUSIVE MODE")
            try tmux.press("r")
            try await tmux.wait(for: "esc cancels")
            try tmux.press("w")
            try await tmux.wait(for: "u3@blau.example", "read-only")
            await blocker.close()
            // Until nothing of alice's runs any more, and for a while after, each frame is Blau's alone.
            var framesAfter = 0
            let isAnswered = try await eventually {
                let screen = tmux.screen
                #expect(screen.contains("Blau & Söhne ▸ Users"))
                #expect(!screen.contains("@awesome.example"), "\(screen)")
                let running = try await world.value(
                    """
                    SELECT count(*) FROM pg_stat_activity WHERE usename = '\(world.alice)' AND state = 'active'
                    """)
                framesAfter = running == "0" ? framesAfter + 1 : 0
                return framesAfter == 30
            }
            #expect(isAnswered)
            try tmux.press("w")
            let screen = try await tmux.wait(for: "u3@awesome.example")
            #expect(!screen.contains("@blau.example"))
        }
    }

    /// The connection of the company that is not on screen is cut: it comes back in the same context, by itself.
    @Test func aLostConnectionElsewhereComesBackInTheSameContext() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await SeveralCompanies.open(tmux)
            try tmux.press("w")
            try await tmux.wait(for: "u3@awesome.example")
            let holder = """
                SELECT x.backend_pid::text FROM piste.context x JOIN piste.company c ON c.id = x.company
                WHERE c.url_id = 'blau' AND x.ended_at IS NULL
                """
            let pid = try #require(try await world.value(holder))
            try await world.owner.query("SELECT pg_terminate_backend(\(pid))")
            let isBack = try await eventually {
                let now = try await world.value(holder)
                return now != nil && now != pid
            }
            #expect(isBack)
            #expect(!tmux.screen.contains("@blau.example"))
            try tmux.press("w")
            try await tmux.wait(for: "Blau & Söhne ▸ Users", "u3@blau.example")
            #expect(try await world.value("SELECT count(*) FROM piste.context") == "2")
        }
    }

    /// The time of the company that is not on screen runs out: it is told by its name, and its rows are gone.
    @Test func theEndOfOneLeavesTheOther() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await SeveralCompanies.open(tmux)
            try tmux.press("w")
            try await tmux.wait(for: "u3@awesome.example")
            try await world.owner.query(
                """
                UPDATE piste.context SET expires_at = clock_timestamp() - interval '1 second'
                WHERE company = (SELECT id FROM piste.company WHERE url_id = 'blau')
                """)
            let bob = try await world.database.connect(as: world.bob)
            try await bob.query("SELECT * FROM piste.sweep()")
            await bob.close()
            let screen = try await tmux.wait(for: "2 Blau & Söhne ended")
            #expect(screen.contains("u3@awesome.example"))
            try tmux.press("w")
            let ended = try await tmux.wait(for: "The context for Blau & Söhne has ended.")
            #expect(!ended.contains("@blau.example"))
            try tmux.press("Enter")
            // What was typed to filter went with the rows.
            try await tmux.wait(for: "ACCESS  read-only", "1 of 201", "ada@blau.example")
            #expect(
                try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == "2")
        }
    }

    /// `0` leaves a company open, `Q` ends its context in the database, and quitting ends the rest.
    @Test func closingAndQuittingEndTheContexts() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await SeveralCompanies.open(tmux)
            try tmux.press("0")
            try await tmux.wait(for: "2 companies open")
            let open = """
                SELECT string_agg(c.url_id, ' ' ORDER BY c.url_id)
                FROM piste.context x JOIN piste.company c ON c.id = x.company WHERE x.ended_at IS NULL
                """
            #expect(try await world.value(open) == "awesome blau")
            try tmux.press("1")
            try await tmux.wait(for: "u3@awesome.example")
            try tmux.press("Q")
            try await tmux.wait(for: "1 company open")
            let isClosed = try await eventually { try await world.value(open) == "blau" }
            #expect(isClosed)
            try tmux.press("q")
            try await tmux.wait(for: "The context for Blau & Söhne ends with it.")
            try tmux.press("y")
            try await tmux.wait(for: "[exit 0]")
            #expect(try await world.value(open) == nil)
        }
    }

    /// The link drops with two companies open, an impersonation in one: all of it ends in the database, on record.
    @Test func aCutLinkEndsEveryContext() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await SeveralCompanies.open(tmux)
            try tmux.press("i")
            try await tmux.wait(for: "Impersonate · Blau & Söhne")
            try tmux.type("order stuck")
            try tmux.press("Tab", "Tab", "Tab")
            try tmux.type("blau")
            try tmux.press("Enter")
            try await tmux.wait(for: "IMPERSONATING", "2 Blau & Söhne IMP")
            try tmux.hangUp()
            let isOver = try await eventually {
                try await world.value(
                    "SELECT count(*) || ' ' || count(ended_at) FROM piste.context") == "3 3"
            }
            #expect(isOver)
            for urlID in ["awesome", "blau"] {
                let home = try await world.home(urlID)
                #expect(
                    try await world.value(
                        """
                        SELECT (count(*) > 0)::text FROM piste_test.trail('\(home)')
                        WHERE action = 'context.close'
                        """) == "true")
            }
        }
    }

    /// More time is a new context with a reason of its own, in the database too; the one before has ended.
    @Test func anImpersonationGoesOnWithANewReason() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("i")
            try await tmux.wait(for: "Impersonate · Awesome Corp", "at most 30 min")
            try tmux.type("order stuck")
            try tmux.press("Tab", "Tab", "Tab")
            try tmux.type("awesome")
            try tmux.press("Enter")
            try await tmux.wait(for: "IMPERSONATING", "read+write")
            try tmux.press("+")
            try await tmux.wait(for: "Go on · Awesome Corp")
            try tmux.type("order stuck")
            try tmux.press("Tab", "Tab", "Tab")
            try tmux.type("awesome")
            try tmux.press("Enter")
            try await tmux.wait(for: "A new reason is needed")
            try tmux.type(", its invoice too")
            try tmux.press("Tab", "Tab", "Tab", "Enter")
            try await tmux.waitUntilGone("Go on · Awesome Corp")
            let steps = """
                SELECT string_agg(reason || CASE WHEN ended_at IS NULL THEN '' ELSE ' (ended)' END, ', ' ORDER BY opened_at)
                FROM piste.context
                """
            let isExtended = try await eventually {
                try await world.value(steps) == "order stuck (ended), order stuck, its invoice too"
            }
            #expect(isExtended)
            #expect(tmux.screen.contains("IMPERSONATING"))
        }
    }
}

/// Awesome Corp as number 1 and Blau as number 2, each filtered to users whose names tell the company.
enum SeveralCompanies {
    static func open(_ tmux: Tmux) async throws {
        try await tmux.wait(for: "Awesome Corp", "Blau & Söhne")
        try tmux.press("Enter")
        try await filter(tmux, "awesome")
        try tmux.press("0")
        try await tmux.wait(for: "1 company open", "1 Awesome Corp")
        try tmux.press("Down", "Enter")
        try await filter(tmux, "blau")
        try await tmux.wait(for: "▌2 Blau & Söhne")
    }

    private static func filter(_ tmux: Tmux, _ urlID: String) async throws {
        try await tmux.wait(for: "ACCESS  read-only", "1 of 201")
        try tmux.press("/")
        try tmux.type("person")
        try await tmux.wait(for: "1 of 50", "u3@\(urlID).example")
        try tmux.press("Tab")
    }
}
