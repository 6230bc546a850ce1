import Postgres
import TestSupport
import Testing

/// What an admin does at the console, with the built program on a real terminal and a real PostgreSQL.
@Suite(.serialized)
struct AdministrationTests {
    @Test func aCompanyIsCreatedSuspendedAndResumed() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(as: world.bob, columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp", "admin")
            // The url id that the name suggests is taken: that is said at its field, and nothing typed is lost.
            try tmux.press("n")
            try await tmux.wait(for: "Create a company")
            try tmux.type("Awesome")
            try tmux.press("Enter", "Enter", "Enter")
            try await tmux.wait(for: "Create Awesome?", "Its url id is awesome")
            try tmux.press("y")
            try await tmux.wait(for: "This url_id is taken.")
            try tmux.type("2")
            try tmux.press("Enter", "Enter")
            try await tmux.wait(for: "Create Awesome?", "Its url id is awesome2")
            try tmux.press("y")
            try await tmux.wait(for: "Awesome is created, url id awesome2.")
            #expect(
                try await world.value(
                    "SELECT name || ' ' || auth_provider || ' ' || status FROM piste.company WHERE url_id = 'awesome2'"
                )
                    == "Awesome okta active")

            // It is selected. Suspending wants its url id typed; alice, who is inside, is put out.
            let alice = try world.console(as: world.alice, columns: 80, rows: 24)
            try await alice.wait(for: "awesome2")
            try alice.press("/")
            try alice.type("awesome2")
            try await alice.waitUntilGone("Blau & Söhne")
            try alice.press("Enter")
            try await alice.wait(for: "ACCESS  read-only")
            try await tmux.wait(for: "▌ Awesome  ")
            try tmux.press("e")
            try await tmux.wait(for: "Administer Awesome")
            try tmux.press("s")
            try await tmux.wait(for: "Suspend awesome2?")
            try tmux.type("awesome")
            try tmux.press("Enter")
            try await tmux.wait(for: "Type awesome2 to confirm")
            #expect(
                try await world.value("SELECT status FROM piste.company WHERE url_id = 'awesome2'")
                    == "active")
            try tmux.type("2")
            try tmux.press("Enter")
            try await tmux.wait(for: "awesome2 is suspended; 1 context has ended.")
            #expect(
                try await world.value("SELECT status FROM piste.company WHERE url_id = 'awesome2'")
                    == "suspended")
            try await alice.wait(for: "Context ended")

            try tmux.press("e")
            try await tmux.wait(for: "resume: let contexts")
            try tmux.press("s")
            try await tmux.wait(for: "Resume awesome2?")
            try tmux.press("y")
            try await tmux.wait(for: "awesome2 is active again.")
            try alice.press("Enter")
            try await alice.wait(for: "ACCESS  read-only")

            // The refusal is on record, and the control trail shows it.
            try tmux.press("L")
            try await tmux.wait(for: "Control trail", "company.refused", "operator.add")
        }
    }

    /// Where each company stands, found at 80 columns by what the bottom line offers; and one company's figures.
    @Test func theFleetAndACompanysFiguresAreSeen() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(as: world.bob, columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp", "m admin")
            try tmux.press("m")
            try await tmux.wait(for: "Administration", "M  Show each company's blueprint")
            try tmux.press("M")
            let companies = try await world.value("SELECT count(*) FROM piste.company") ?? ""
            try await tmux.wait(
                for: "\(companies) of \(companies) companies have blueprint", "100%", "[all \(companies)]",
                "It has the newest blueprint.")
            try tmux.press("Escape")
            try await tmux.wait(for: "Companies", "m admin")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS  read-only")
            try tmux.press("1")
            try await tmux.wait(for: "Sign-ups, 28 days", "Audit records, 28 days", "overview.read")
            try tmux.press("G")
            try await tmux.wait(for: "Audit records by actor", world.bob)
        }
    }

    /// Carol becomes an operator, works, and is none any more.
    @Test func anOperatorIsAddedAndRemoved() async throws {
        try await ConsoleWorld.run { world in
            let dave = world.database.roleName("dave_c")
            let tmux = try world.console(as: world.bob, columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp", "admin")
            try tmux.press("O")
            try await tmux.wait(for: "Operators", world.alice, "(you)")
            try tmux.press("n")
            try await tmux.wait(for: "Add an operator")
            try tmux.type(dave)
            try tmux.press("Enter", "Enter")
            try await tmux.wait(for: "Register \(dave) as support?")
            try tmux.press("y")
            try await tmux.wait(for: "\(dave) is a new login")
            #expect(
                try await world.value("SELECT level FROM piste.operator WHERE login = '\(dave)'") == "support"
            )
            try tmux.press("/")
            try tmux.type(dave)
            try tmux.press("Enter")
            try await tmux.wait(for: "▌ \(dave)")
            try tmux.press("x")
            try await tmux.wait(for: "Remove the operator \(dave)?")
            try tmux.type(dave)
            try tmux.press("Enter")
            try await tmux.wait(for: "\(dave) is no operator any more")
            #expect(
                try await world.value("SELECT count(*) FROM piste.operator WHERE login = '\(dave)'") == "0")
            try await world.owner.query("DROP ROLE \(dave)")
        }
    }
}
