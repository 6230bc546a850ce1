import Glibc
import Postgres
import TestSupport
import Testing

/// `^C` in the middle of a command.
struct InterruptionTests {
    /// A read that hangs behind somebody's lock: nothing is printed, and nothing stays open in the database.
    @Test(arguments: [SIGINT, SIGTERM])
    func endsWithOneHundredAndThirtyAndLeavesNothingOpen(signal: Int32) async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            let other = try await world.database.superuser()
            try await other.query("BEGIN")
            try await other.query("LOCK TABLE \(home).users IN ACCESS EXCLUSIVE MODE")
            let reading = RunningPiste(["users", "awesome"], on: world.url(world.alice))
            let waits = """
                SELECT count(*) FROM pg_stat_activity
                WHERE usename = '\(world.alice)' AND datname = current_database() AND wait_event_type = 'Lock'
                """
            while try await world.value(waits) != "1" { try await Task.sleep(for: .milliseconds(20)) }
            let end = try await reading.stop(signal)
            #expect(end.status == 130, "\(end)")
            #expect(end.output == "")
            #expect(end.errors == "", "\(end)")
            await other.close()
            let open = try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL")
            #expect(open == "0")
            let read = try await Piste.run(
                ["users", "awesome"], environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
            #expect(read.status == 0 && read.output.contains("Ada Lovelace"), "\(read)")
        }
    }
}
