import Postgres
import TestSupport
import Testing

/// The buyer's security officer looks over the shoulder.
struct ProofConsoleTests {
    @Test func theProofOfHerCompanyTakesFourKeys() async throws {
        try await ProofCommandWorld.run { world in
            let tmux = try Tmux(["--database", world.url(world.bob)], columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp", "admin")
            var hands = Hands(tmux)
            try hands.press("/")
            try hands.type("awes")
            try await tmux.waitUntilGone("evil")
            try hands.press("Tab", "p")
            try await tmux.wait(for: "Awesome Corp ▸ Proof")
            try await tmux.wait(
                for: "The isolation holds:", "Audit chain ✓", "Control trail ✓",
                "piste prove awesome --report awesome.html", seconds: 300)
            #expect(!tmux.screen.contains("FAILED"))
            #expect(hands.keys <= 4)
            #expect(
                try await world.value(
                    """
                    SELECT actor || ' ' || (detail ->> 'scope') FROM piste_test.trail('piste')
                    WHERE action = 'proof.report'
                    """) == "\(world.bob) awesome")
            // Every line has its evidence.
            try tmux.press("Enter")
            try await tmux.wait(for: "passed", "esc close")
            try tmux.press("Escape")

            // A table that lost its gate is the first thing on screen.
            let home = try await world.home()
            try await world.owner.query("ALTER TABLE \(home).users DISABLE ROW LEVEL SECURITY")
            try tmux.press("r")
            try await tmux.wait(for: "The isolation is NOT proved", "▌ FAILED", seconds: 300)

            // A proof that is cancelled leaves nothing behind.
            try tmux.press("r")
            try await tmux.wait(for: "Trying to break in", seconds: 300)
            try tmux.press("Escape")
            try await tmux.wait(for: "The proof was cancelled")
            let isClean = try await eventually(within: .seconds(120)) {
                try await world.value("SELECT count(*) FROM piste.company") == "2"
            }
            #expect(isClean)
        }
    }
}
