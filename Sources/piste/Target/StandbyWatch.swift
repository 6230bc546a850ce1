import Postgres
import Synchronization
import Tenancy
import Terminal

/// Says what a command waits for, when that is a synchronous standby: otherwise nobody could tell it from a hang.
struct StandbyWatch: Sendable {
    let settings: ConnectionSettings

    private static let patience = Duration.seconds(2)

    /// Runs the body; when it takes longer than two seconds, looks once a second what this login's sessions wait for.
    func watching<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let watch = Task { try await look() }
        defer { watch.cancel() }
        return try await body()
    }

    private func look() async throws {
        try await Task.sleep(for: Self.patience)
        let connection = try await Connection.open(settings.with(applicationName: "piste standby watch"))
        defer { connection.abandon() }
        while !Task.isCancelled {
            let waits = try await connection.query(
                """
                SELECT FROM pg_stat_activity
                WHERE usename = session_user AND datname = current_database() AND wait_event = 'SyncRep'
                    AND clock_timestamp() - query_start > interval '1 second'
                LIMIT 1
                """)
            guard waits.isEmpty else {
                Narration.say(
                    "Waiting for a synchronous standby to have the record, before which nothing is read; "
                        + "piste doctor tells what follows this server.")
                return
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
