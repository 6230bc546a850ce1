import Postgres
import TestSupport
import Testing

/// The days that the console is made for, each within its keys, with the built program and a real PostgreSQL.
///
/// The proof for a security officer is in `ProofConsoleTests`, the link that drops in `WholeWayTests` and
/// `SeveralCompaniesTests`.
@Suite(.serialized)
struct StoryTests {
    /// A ticket: which step of which journey stalled, and since when? Then help, and write it up.
    @Test(arguments: [(80, 24), (100, 30), (200, 60)])
    func aTicketIsFoundHelpedAndWrittenUp(columns: Int, rows: Int) async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: columns, rows: rows)
            try tmux.acceptClipboard()
            try await tmux.wait(for: "Awesome Corp", "Blau & Söhne")

            var finding = Hands(tmux)
            try finding.press("/")
            try finding.type("awes")
            try await tmux.waitUntilGone("Blau & Söhne")
            try finding.press("Enter")
            try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace")
            try finding.press("/")
            try finding.type("ada@")
            try await tmux.wait(for: "1 of 1")
            try finding.press("Enter")
            try await tmux.wait(for: "Onboarding", "! 3 invite team", "stalled 2 d, since ")
            #expect(finding.keys <= 6)

            var helping = Hands(tmux)
            try helping.press("i")
            try await tmux.wait(for: "Impersonate · Awesome Corp", "ada@awesome.example", "at most 30 min")
            try helping.type("cannot finish onboarding")
            try helping.press("Tab")
            try helping.type("SUP-812")
            try helping.press("Tab")
            try helping.type("10")
            try helping.press("Tab")
            try helping.type("awesome")
            try helping.press("Enter")
            try await tmux.wait(for: "IMPERSONATING ada@awesome.example", "read+write", "invite team")
            #expect(tmux.screen.contains(#/ (10:00|0[5-9]:\d\d)\s*$/#.anchorsMatchLineEndings()))
            try helping.press("e")
            try await tmux.wait(for: "retry step 3")
            try helping.press("r")
            try await tmux.wait(for: "Retry step 3 “invite team”?")
            try helping.press("y")
            try await tmux.wait(for: "◆ 3 invite team", "journey_steps.update", "is being tried again")
            try helping.press("E")
            try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace", "◆ 3 invite team")
            #expect(helping.keys <= 10)
            try await expectTheHelpOnRecord(world)

            // The user's id, the journey's id and the audit record's number, each as the database has it.
            // Its newest record has a number once it is sealed, which the console sees to by itself.
            try await tmux.wait(for: "context.close", "chain ✓")
            var writing = Hands(tmux)
            try writing.press("y")
            try await tmux.wait(for: "┌ Copy")
            try writing.press("u")
            try await tmux.wait(for: "Copied the user's id")
            #expect(try await copied(tmux) == "1")
            try writing.press("y")
            try await tmux.wait(for: "┌ Copy")
            try writing.press("j")
            try await tmux.wait(for: "Copied the journey's id")
            #expect(try await copied(tmux) == "1")
            try writing.press("y")
            try await tmux.wait(for: "┌ Copy")
            try writing.press("a")
            try await tmux.wait(for: "Copied the audit record's number")
            let number = try #require(Int(try await copied(tmux)))
            let home = try await world.home()
            #expect(
                try await world.value(
                    "SELECT count(*) FROM piste_test.trail('\(home)') WHERE seq = \(number)")
                    == "1")
            #expect(writing.keys <= 6)

            try tmux.press("C-c")
            try await tmux.wait(for: "Quit Piste?")
            try tmux.press("y")
            try await tmux.wait(for: "[exit 0]")
            let open = try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL")
            #expect(open == "0")
        }
    }

    /// The impersonation has ended, its reason and its one change are where an auditor looks for them.
    private func expectTheHelpOnRecord(_ world: ConsoleWorld) async throws {
        // The screen comes back at once, while the server still ends the context.
        let isOver = try await eventually {
            try await world.value(
                """
                SELECT string_agg(purpose || ' ' || (ended_at IS NOT NULL), ', ' ORDER BY issued_at)
                FROM piste.context
                """) == "access false, impersonation true"
        }
        #expect(isOver)
        let reason = try await world.value(
            "SELECT reason || ' ' || ticket FROM piste.context WHERE reason IS NOT NULL")
        #expect(reason == "cannot finish onboarding SUP-812")
        let home = try await world.home()
        let change = try await world.value(
            """
            SELECT t.actor || ' as ' || t.subject || ': ' || (v.content::jsonb -> 'old' ->> 'state') || ' > '
                || (v.content::jsonb -> 'new' ->> 'state')
            FROM piste_test.trail('\(home)') t JOIN piste.entry_values v ON v.entry = t.id
            WHERE t.action = 'journey_steps.update'
            """)
        #expect(change == "\(world.alice) as ada@awesome.example: stalled > active")
        // The record itself says which columns, and nothing that was in them.
        let said = try await world.value(
            """
            SELECT (detail - 'columns')::text || ' ' || (detail -> 'columns' ? 'state')
            FROM piste_test.trail('\(home)') WHERE action = 'journey_steps.update'
            """)
        #expect(said == "{} true")
    }

    /// Two tickets at once: one key a switch, and nothing mixed.
    @Test func twoTicketsAtOnceTakeOneKeyASwitch() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await SeveralCompanies.open(tmux)
            for _ in 0..<2 {
                for (there, other) in [("awesome", "blau"), ("blau", "awesome")] {
                    var switching = Hands(tmux)
                    try switching.press("w")
                    // At 80 columns the addresses are whole, and the names are cut.
                    try await tmux.wait(for: "u3@\(there).example", insteadOf: "@\(other).example")
                    #expect(switching.keys == 1)
                }
            }
        }
    }

    /// Who is inside a customer right now? One of them is ended, with a reason that both sides see.
    @Test func theAdminEndsOneOfThoseInside() async throws {
        try await ConsoleWorld.run { world in
            let alice = try world.console()
            try await alice.wait(for: "Awesome Corp")
            try alice.press("Enter")
            try await alice.wait(for: "ACCESS", "Ada Lovelace")
            let tmux = try world.console(as: world.bob)
            try await tmux.wait(for: "Awesome Corp", "admin")
            var hands = Hands(tmux)
            try hands.press("C")
            try await tmux.wait(for: "Contexts · everybody's", world.alice)
            try hands.press("x")
            try await tmux.wait(for: "End the context of")
            try hands.type("wrong ticket")
            try hands.press("Enter")
            try await alice.wait(for: "Context ended", "wrong ticket")
            #expect(!alice.screen.contains("Ada Lovelace"))
            #expect(hands.keys <= 5)
            let ended = try await world.value(
                "SELECT ended_by || ': ' || end_reason FROM piste.context WHERE ended_at IS NOT NULL")
            #expect(ended?.contains(world.bob) == true)
            #expect(ended?.contains("wrong ticket") == true)
        }
    }

    /// From the shell to inside a company with the countdown running; then the private PostgreSQL goes again.
    @Test func aDemoIsInsideACompanyAfterTwoKeys() async throws {
        let folder = try TemporaryFolder()
        let environment = [
            "PISTE_LOCAL_ROOT": folder.path + "/cluster", "HOME": folder.path,
            "XDG_DATA_HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
        ]
        let outcome: Result<Void, any Error>
        do {
            let tmux = try Tmux(
                ["demo", "--companies", "2", "--users", "12"], columns: 80, rows: 24, environment: environment
            )
            try await tmux.wait(for: "Awesome Corp", "alice · support", seconds: 300)
            var hands = Hands(tmux)
            try hands.press("Enter")
            let screen = try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace")
            #expect(screen.contains(#/ (30:00|29:\d\d)\s*$/#.anchorsMatchLineEndings()))
            #expect(hands.keys <= 2)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let destroyed = try await Piste.run(["local", "destroy", "--yes"], environment: environment)
        #expect(destroyed.status == 0, "\(destroyed)")
        try outcome.get()
    }

    /// What was copied last; the terminal takes it in a moment after the console said so.
    private func copied(_ tmux: Tmux) async throws -> String {
        var text = ""
        _ = try await eventually {
            text = tmux.clipboard
            return !text.isEmpty
        }
        return text
    }
}
