import Postgres
import TestSupport
import Testing

/// Several statements in one exchange, also where one of them cannot be sent or is not answered.
struct PipelineTests {
    /// More parameters than the protocol can count.
    private static let parameters = Array(repeating: Parameter.int(1), count: 70_000)
    private static let tooMany = Preamble.Part("SELECT 1", parameters)

    @Test func theFirstFailureIsThrownAndTheRestDoesNotRun() async throws {
        let connection = try await TestDatabase.scratch()
        let answers = try await connection.pipeline([Preamble.Part("SELECT 1"), Preamble.Part("SELECT 2")])
        #expect(try answers.map { try $0[0].int(0) } == [1, 2])
        let error = await #expect(throws: PostgresError.self) {
            try await connection.pipeline([
                Preamble.Part("SET application_name = 'before'"), Preamble.Part("SELECT 1 / 0"),
                Preamble.Part("SELECT set_config('application_name', 'behind', false)"),
            ])
        }
        #expect(error?.sqlState == "22012")
        #expect(
            try await connection.query("SELECT current_setting('application_name')")[0].string(0) != "behind")
        await connection.close()
    }

    @Test func aStatementThatCannotBeSentLeavesTheConnectionUsable() async throws {
        let connection = try await TestDatabase.scratch()
        for parts in [[Self.tooMany], [Preamble.Part("SELECT 1"), Self.tooMany, Preamble.Part("SELECT 2")]] {
            let error = await #expect(throws: PostgresError.self) { try await connection.pipeline(parts) }
            #expect(error?.code == .misuse)
            #expect(error?.message.contains("65535") == true, "\(error?.message ?? "")")
            #expect(connection.isAlive)
            #expect(try await connection.query("SELECT 3")[0].int(0) == 3)
            try await connection.run(script: "SELECT 1; SELECT 2")
            #expect(try await connection.pipeline([Preamble.Part("SELECT 4")])[0][0].int(0) == 4)
        }
        // A transaction that began in the same exchange is there to be rolled back.
        let preamble = Preamble([Preamble.Part("BEGIN")])
        await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 1", Self.parameters, after: preamble)
        }
        #expect(preamble.isSent)
        try await connection.rollback()
        #expect(try await connection.query("SELECT 5")[0].int(0) == 5)
        await connection.close()
    }

    @Test func aLossTellsWhetherTheStatementMayHaveRun() async throws {
        let administrator = try await TestDatabase.scratch()
        for endsAbruptly in [false, true] {
            for isPipeline in [false, true] {
                let connection = try await TestDatabase.scratch()
                let running = Task {
                    if isPipeline {
                        try await connection.pipeline([Preamble.Part("SELECT pg_sleep(600)")])
                    } else {
                        [try await connection.query("SELECT pg_sleep(600)")]
                    }
                }
                try await TestDatabase.awaitStatement("pg_sleep", on: connection)
                if endsAbruptly {
                    connection.abandon()
                } else {
                    try await administrator.query(
                        "SELECT pg_terminate_backend($1)", [.int(Int64(connection.backendPID))])
                }
                let error = await #expect(throws: PostgresError.self) { try await running.value }
                #expect(error?.code == .connectionLost)
                // The server that says that it ends has not answered; one that says nothing may have.
                #expect(error?.isOutcomeUnknown == endsAbruptly)
                // What is never sent cannot have run.
                let next = await #expect(throws: PostgresError.self) {
                    try await connection.query("SELECT 1")
                }
                #expect(next?.isOutcomeUnknown == false)
            }
        }
        await administrator.close()
    }
}
