import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// The console under a bad server, a bad terminal and bad data.
@Suite(.serialized)
struct RoughHandlingTests {
    @Test func aBlockedReadLeavesTheKeysAloneAndIsCancelledInPostgreSQL() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "1 of 201", "users.count")
            let home = try await world.home()
            let blocker = try await world.database.superuser()
            try await blocker.run(script: "BEGIN; LOCK TABLE \(home).users IN ACCESS EXCLUSIVE MODE")
            try tmux.press("r")
            try await tmux.wait(for: "esc cancels")
            try tmux.press("Down", "Down")
            try await tmux.wait(for: "3 of 201")
            try tmux.press("Escape")
            try await tmux.wait(for: "Cancelled, in PostgreSQL too.")
            let running = try await world.value(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(world.alice)' AND state = 'active'")
            #expect(running == "0")
            await blocker.close()
            try tmux.press("r")
            try await tmux.wait(for: "3 of 201")
        }
    }

    /// The server is killed under the console and started again: same context, same place.
    @Test func aKilledServerComesBackWithoutLosingThePlace() async throws {
        let cluster = TestCluster()
        let running = try await cluster.running()
        let owner = try await Connection.open(running.settings())
        let world = try await ConsoleWorld.alone(on: owner)
        let url = "postgresql://\(world)@/piste?host=\(running.socketDirectory)"
        let tmux = try Tmux(["--database", url])
        try await tmux.wait(for: "Awesome Corp")
        try tmux.press("Enter")
        try await tmux.wait(for: "ACCESS", "Ada Lovelace")
        try tmux.press("Down", "Down", "Down")
        try await tmux.wait(for: "4 of 201")
        try await cluster.crash()
        try await tmux.wait(for: "reconnecting, same context")
        _ = try cluster.cluster.start()
        try await tmux.wait(for: "ACCESS  read-only", "4 of 201", seconds: 40)
        try tmux.press("Down")
        try await tmux.wait(for: "5 of 201")
        cluster.remove()
    }

    /// Where records wait for standbys that are not there yet, as after a promotion, the context waits too.
    @Test func aServerWithoutItsStandbysIsWaitedFor() async throws {
        let cluster = TestCluster()
        let running = try await cluster.running()
        let owner = try await Connection.open(running.settings())
        let world = try await ConsoleWorld.alone(on: owner)
        let tmux = try Tmux(["--database", "postgresql://\(world)@/piste?host=\(running.socketDirectory)"])
        try await tmux.wait(for: "Awesome Corp")
        try tmux.press("Enter")
        try await tmux.wait(for: "ACCESS", "Ada Lovelace")
        try await owner.query("ALTER SYSTEM SET synchronous_standby_names = 'away'")
        try await cluster.crash()
        // One that is still going down would be taken for one that runs.
        try await tmux.wait(for: "reconnecting, same context")
        _ = try cluster.cluster.start()
        try await tmux.wait(
            for: "reconnecting, same context", "The context waits: records must be on 1", seconds: 40)
        let again = try await Connection.open(running.settings())
        try await again.query("SET synchronous_commit = local")
        try await again.query("ALTER SYSTEM RESET synchronous_standby_names")
        try await again.query("SELECT pg_reload_conf()")
        try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace", seconds: 40)
        await again.close()
        cluster.remove()
    }

    @Test func theTerminalMayShrinkToNothingAndGrowAgain() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 80, rows: 24)
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS", "Ada Lovelace")
            try tmux.resize(columns: 20, rows: 5)
            try await tmux.wait(for: "Piste needs 60×16")
            try tmux.resize(columns: 200, rows: 60)
            try await tmux.wait(for: "Ada Lovelace", "LAST SEEN", "Audit trail · Awesome Corp")
            try tmux.resize(columns: 80, rows: 24)
            try await tmux.wait(for: "Ada Lovelace")
        }
    }

    @Test func aPasteFiltersAndNeverCommands() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.paste("q\nq\n\u{1B}q")
            try await tmux.wait(for: "A paste does nothing here")
            try tmux.press("/")
            try tmux.paste("bl\nau")
            try await tmux.wait(for: "/bl au")
            try tmux.press("C-u")
            try tmux.paste("blau\n")
            try await tmux.waitUntilGone("Awesome Corp")
            try await tmux.wait(for: "Companies /blau", "Blau & Söhne")
        }
    }

    @Test func hostileNamesNeitherBreakTheFrameNorReachTheTerminal() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console(columns: 100, rows: 30)
            try await tmux.wait(for: "Evil ␛[2J�Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS", "␛[31mRed␛]0;pwn")
            let screen = tmux.screen
            for line in screen.split(separator: "\n").dropFirst(3).prefix(14) {
                #expect(
                    line.hasPrefix("│") && line.trimmingCharacters(in: .whitespaces).hasSuffix("│"),
                    "\(screen)")
            }
            #expect(try tmux.title() != "pwned")
        }
    }

    @Test func anUnreachableServerIsNamedAndTriedAgain() async throws {
        let tmux = try Tmux(["--database", "postgresql://nobody@/x?host=/nowhere/at/all"])
        try await tmux.wait(for: "reconnecting, attempt 2", "/nowhere/at/all")
        try tmux.press("q")
        try await tmux.wait(for: "[exit 0]")
    }

    @Test func aTermSignalRestoresTheTerminalAndLeavesTheContext() async throws {
        try await ConsoleWorld.run { world in
            let tmux = try world.console()
            try await tmux.wait(for: "Awesome Corp")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS")
            kill(try tmux.processID(), SIGTERM)
            try await tmux.wait(for: "[exit 143]")
            #expect(!tmux.screen.contains("ACCESS"))
            let open = try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL")
            #expect(open == "0")
        }
    }
}
