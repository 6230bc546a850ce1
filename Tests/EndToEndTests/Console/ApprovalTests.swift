import Postgres
import TestSupport
import Testing

/// Two consoles side by side: alice asks, bob decides.
@Suite(.serialized)
struct ApprovalTests {
    @Test func oneAsksAndTheOtherDecides() async throws {
        try await ConsoleWorld.run { world in
            _ = try await world.owner.query(
                "SELECT * FROM piste.set_company_policy('awesome', 'approval', 10, true, 'SUP-[0-9]+', 'read-only')"
            )
            let alice = try world.console(as: world.alice, columns: 80, rows: 24)
            let bob = try world.console(as: world.bob, columns: 80, rows: 24)
            try await alice.wait(for: "Awesome Corp", seconds: 60)
            try await bob.wait(for: "Awesome Corp", seconds: 60)

            // Alice asks; a first ticket is not one.
            try await ask(alice, "cannot finish onboarding", ticket: "812")
            try await alice.wait(for: "A ticket of this company has the form", seconds: 60)
            try alice.press("Escape")
            try await alice.waitUntilGone("Impersonate ·", seconds: 60)
            try await ask(alice, "cannot finish onboarding", ticket: "SUP-812")
            try await alice.wait(for: "Waiting for a second operator to approve it.", seconds: 60)

            // Bob sees it come in by itself, and approves.
            try await bob.wait(for: "P 1 request", seconds: 60)
            try bob.press("P")
            try await bob.wait(for: "for you", "cannot finish onboarding", "SUP-812", seconds: 60)
            try bob.press("a")
            try await bob.wait(for: "Approve the request of", seconds: 60)
            try bob.type("known customer")
            try bob.press("Enter")
            try await bob.wait(for: "Because: known customer", "y  yes", seconds: 60)
            #expect(try await world.value("SELECT state FROM piste.request") == "pending")
            try bob.press("y")
            try await bob.wait(for: "Approved; it is on record.", seconds: 60)

            // Alice is inside without another key, for reading.
            try await alice.wait(for: "IMPERSONATING", "read-only", "Ada Lovelace", seconds: 60)
            try await bob.wait(for: "Nobody waits for an approval.", seconds: 60)
            #expect(
                try await world.value(
                    "SELECT access || ' ' || role FROM piste.context WHERE request IS NOT NULL")
                    == "read reader")
            try alice.press("E")
            // While rows are on their way, esc would only stop those.
            try await alice.wait(for: "ACCESS  read-only", "of 201", "context.open", seconds: 60)
            try alice.press("Escape")
            try await alice.wait(for: "no company open", seconds: 60)

            // The next one is denied with a reason, and left waiting for before.
            try await ask(alice, "one more time", ticket: "SUP-813")
            try await alice.wait(for: "Waiting for a second operator to approve it.", seconds: 60)
            try alice.press("Escape")
            try await alice.wait(for: "The request waits on", seconds: 60)
            try await bob.wait(for: "one more time", seconds: 60)
            try bob.press("x")
            try await bob.wait(for: "Deny the request of", seconds: 60)
            try bob.type("not on a Friday")
            try bob.press("Enter")
            try await bob.wait(for: "Because: not on a Friday", seconds: 60)
            try bob.press("y")
            try await alice.wait(for: "was denied: not on a Friday", seconds: 60)
            #expect(
                try await world.value("SELECT count(*) FROM piste.context WHERE purpose = 'impersonation'")
                    == "1")
            let home = try await world.home()
            let steps = try await world.value(
                """
                SELECT string_agg(action, ' ' ORDER BY seq) FROM piste_test.trail('\(home)')
                WHERE action LIKE 'impersonation.%' AND action <> 'impersonation.refused'
                """)
            #expect(
                steps
                    == "impersonation.request impersonation.approve impersonation.issue impersonation.request "
                    + "impersonation.deny")
        }
    }

    /// Fills in the form of the first company in the list.
    private func ask(_ tmux: Tmux, _ reason: String, ticket: String) async throws {
        try tmux.press("i")
        try await tmux.wait(for: "Impersonate · Awesome Corp", "needs an approval", seconds: 60)
        // What an earlier form was left with is a draft: it is there again, and typed over.
        try tmux.press("C-u")
        try tmux.type(reason)
        try tmux.press("Tab", "C-u")
        try tmux.type(ticket)
        try tmux.press("Tab", "Tab", "C-u")
        try tmux.type("awesome")
        try tmux.press("Enter")
    }
}
