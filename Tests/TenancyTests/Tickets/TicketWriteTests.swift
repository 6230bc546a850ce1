import Postgres
import TestSupport
import Testing

/// Writes by ticket: what it does not name, and what comes too late, is an error and never a zero.
struct TicketWriteTests {
    @Test(arguments: [
        "UPDATE journeys SET name = 'x' WHERE false", "DELETE FROM journeys WHERE id = -1",
        "INSERT INTO journeys (user_id, name) SELECT 1, 'x' WHERE false",
        "WITH w AS (UPDATE journeys SET name = 'x' RETURNING id) SELECT count(*) FROM w",
    ])
    func aTableThatIsNotNamed(sql: String) async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            let error = await #expect(throws: PostgresError.self) { try await till.query(sql) }
            #expect(error?.sqlState == "PT403")
            #expect(error?.message.contains("does not name journeys") == true)
            await till.attempt("ROLLBACK")
            // The control: named, and rolled back.
            #expect(await till.begin(using: try await till.ticket("acme", "*")) == nil)
            #expect(await till.sqlState(sql) == nil)
            await till.attempt("ROLLBACK")
            await till.close()
        }
    }

    @Test func aChildThatWouldGoToo() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            #expect(
                await till.begin(using: try await till.ticket("acme", "users", action: "users.remove")) == nil
            )
            let error = await #expect(throws: PostgresError.self) {
                try await till.query("DELETE FROM users WHERE email = 'u1@acme.example'")
            }
            #expect(error?.sqlState == "PT403")
            #expect(error?.message.contains("journeys") == true)
            #expect(error?.detail == nil, "no row is printed")
            await till.attempt("ROLLBACK")
            let all = try await till.ticket("acme", "users,journeys,journey_steps", action: "users.remove")
            #expect(await till.begin(using: all) == nil)
            #expect(try await till.query("DELETE FROM users WHERE email = 'u1@acme.example'").affected == 1)
            await till.attempt("ROLLBACK")
            await till.close()
        }
    }

    @Test func halfATransactionIsNeverLeft() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme", "users", "seconds => 1")) == nil)
            for name in try await world.timeouts {
                try await till.query("SET LOCAL \(name) = 0")
            }
            #expect(
                try await till.query("UPDATE users SET locale = 'zz' WHERE email = 'u1@acme.example'")
                    .affected == 1)
            try await Task.sleep(for: .milliseconds(1100))
            #expect(try await till.count("users") == 0)
            #expect(
                await till.sqlState("UPDATE users SET locale = 'zz' WHERE email = 'u2@acme.example'")
                    == "PT410")
            #expect(try await till.query("COMMIT").commandTag == "ROLLBACK")
            await till.close()
        }
    }

    @Test func whatWasReadInPartIsNotCommittedAsIfItWereWhole() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            for isLate in [true, false] {
                let ticket = try await till.ticket("acme", "users", "seconds => \(isLate ? 1 : 60)")
                #expect(await till.begin(using: ticket) == nil)
                for name in try await world.timeouts {
                    try await till.query("SET LOCAL \(name) = 0")
                }
                #expect(try await till.count("users") == EngineWorld.users)
                // The time goes by inside a statement, as it does in a long export.
                try await till.query("SELECT pg_sleep(1.1)")
                #expect(try await till.count("users") == (isLate ? 0 : EngineWorld.users))
                await till.attempt("SAVEPOINT s")
                #expect(await till.sqlState("SELECT piste.missed()") == (isLate ? "PT410" : nil))
                await till.attempt("ROLLBACK TO s")
                #expect(await till.sqlState("COMMIT") == (isLate ? "PT410" : nil))
            }
            await till.close()
        }
    }

    @Test func besideAHeldCursorATicketIsRefusedInWords() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme", "users")
            try await till.query("DECLARE earlier CURSOR WITH HOLD FOR SELECT 1")
            #expect(await till.begin(using: ticket) == "PT409")
            await till.attempt("ROLLBACK")
            try await till.query("CLOSE earlier")
            #expect(await till.begin(using: ticket) == nil)
            #expect(try await till.count("users") == EngineWorld.users)
            try await till.query("DECLARE later CURSOR WITH HOLD FOR SELECT id FROM users")
            #expect(await till.sqlState("SELECT piste.missed()") == "PT409")
            await till.attempt("ROLLBACK")
            await till.close()
        }
    }

    @Test func whatAnotherCompanysTicketDoesNotReach() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            _ = try await till.ticket("globex")
            #expect(await till.begin(using: try await till.ticket("acme", "*")) == nil)
            await till.attempt("SAVEPOINT s")
            // The lease lets it take the other role; the gate does not open.
            try await till.query("SET LOCAL ROLE \(world.globex)_writer")
            #expect(try await till.count("\(world.globex.windows).users") == 0)
            #expect(await till.sqlState("UPDATE \(world.globex.windows).users SET locale = 'zz'") == "PT403")
            await till.attempt("ROLLBACK TO s")
            #expect(try await till.count("users") == EngineWorld.users)
            await till.attempt("COMMIT")
            await till.close()
        }
    }
}
