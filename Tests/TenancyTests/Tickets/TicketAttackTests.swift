import Postgres
import TestSupport
import Testing

/// Tickets stolen, reused, raced, mixed, kept and forged.
struct TicketAttackTests {
    @Test func stolenByAnotherLogin() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let thief = try await world.connect(world.shop)
            let ticket = try await till.ticket("acme")
            #expect(await thief.begin(using: ticket) == "PT410")
            try await thief.query("ROLLBACK")
            // Naming it does not help either, in a transaction that has a number.
            try await thief.query("BEGIN")
            _ = try await thief.ticket("acme")
            try await thief.query("SELECT set_config('piste.ticket', $1, true)", [.text(ticket)])
            try await thief.query("SET LOCAL ROLE \(world.acme)_writer")
            #expect(try await thief.count("\(world.acme.windows).users") == 0)
            try await thief.query("ROLLBACK")
            #expect(try await till.reads(with: ticket) == "u10@acme.example")
            try await world.expectTickets(thief)
            await till.close()
            await thief.close()
        }
    }

    @Test func usedTwiceAndRaced() async throws {
        try await EngineWorld.underAttack { world in
            let connections = [
                try await world.connect(world.till), try await world.connect(world.till),
                try await world.connect(world.till), try await world.connect(world.till),
            ]
            let first = connections[0]
            for _ in 1...20 {
                let ticket = try await first.ticket("acme")
                let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for connection in connections {
                        group.addTask {
                            let state = await connection.begin(using: ticket)
                            #expect(state == nil || state == "PT410")
                            if state == nil {
                                let users = try await connection.count("users")
                                #expect(users == EngineWorld.users)
                            }
                            await connection.attempt("COMMIT")
                            return state == nil
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(winners == 1)
            }
            // While one uses it, another does not wait: it hears at once.
            let ticket = try await first.ticket("acme")
            #expect(await first.begin(using: ticket) == nil)
            try await connections[1].query("SET statement_timeout = '2s'")
            #expect(await connections[1].begin(using: ticket) == "PT410")
            for connection in connections { await connection.close() }
        }
    }

    @Test func madeAndUsedInOneTransaction() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            try await till.query("BEGIN")
            let ticket = try await till.ticket("acme")
            #expect(await till.use(ticket) == "PT409")
            try await till.query("ROLLBACK")
            #expect(await till.begin(using: ticket) == "PT410")
            try await till.query("ROLLBACK")
            try await till.query("BEGIN")
            try await till.query("SAVEPOINT s")
            let inner = try await till.ticket("acme")
            try await till.query("RELEASE s")
            #expect(await till.use(inner) == "PT409")
            try await till.query("ROLLBACK")
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test func twoCompaniesInOneTransaction() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let (ours, theirs) = (try await till.ticket("acme"), try await till.ticket("globex"))
            #expect(await till.begin(using: ours) == nil)
            #expect(await till.use(theirs) == "PT409")
            try await till.query("ROLLBACK")
            // Neither when the first is hidden, nor from a role and a path of the client's own.
            #expect(await till.begin(using: ours) == nil)
            await till.attempt(
                "SELECT set_config('piste.ticket', '', true)", "SET LOCAL ROLE NONE",
                "SET LOCAL search_path = public")
            #expect(await till.use(theirs) == "PT409")
            try await till.query("ROLLBACK")
            #expect(await till.begin(using: ours) == nil)
            await till.attempt("SAVEPOINT s")
            #expect(await till.use(theirs) == "PT409")
            await till.attempt("ROLLBACK TO s")
            #expect(try await till.count("users") == EngineWorld.users)
            #expect(await till.sqlState("SELECT * FROM \(world.globex.windows).users") == "42501")
            await till.attempt("ROLLBACK TO s")
            try await till.query("COMMIT")
            // A second ticket of the same company adds its tables: the first one's are the first one's.
            let (users, journeys) = (
                try await till.ticket("acme"), try await till.ticket("acme", "journeys,users")
            )
            #expect(await till.begin(using: users) == nil)
            #expect(try await till.count("journeys") == 0)
            #expect(await till.use(journeys) == nil)
            #expect(try await till.count("journeys") == 5)
            try await till.query("COMMIT")
            await till.close()
        }
    }

    @Test func aSavepointTakesItBack() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let (ours, theirs) = (try await till.ticket("acme"), try await till.ticket("globex"))
            try await till.query("BEGIN")
            try await till.query("SAVEPOINT s")
            #expect(await till.use(ours) == nil)
            #expect(try await till.value("SELECT min(email) FROM users") == "u10@acme.example")
            try await till.query("DECLARE c CURSOR FOR SELECT email FROM users")
            try await till.query("ROLLBACK TO s")
            #expect(try await till.value("SELECT current_user") == world.till)
            await till.attempt("SAVEPOINT t")
            #expect(await till.sqlState("SELECT * FROM users") == "42P01")
            await till.attempt("ROLLBACK TO t")
            #expect(await till.sqlState("FETCH ALL FROM c") == "34000")
            await till.attempt("ROLLBACK TO s")
            #expect(await till.use(theirs) == nil)
            #expect(try await till.value("SELECT min(email) FROM users") == "u10@globex.example")
            try await till.query("COMMIT")
            // Taken back, the first was not used.
            #expect(try await till.reads(with: ours) == "u10@acme.example")
            await till.close()
        }
    }

    @Test func keptInAHeldCursor() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            try await till.query(
                "DECLARE h CURSOR WITH HOLD FOR SELECT email FROM users ORDER BY length(email)")
            try await till.query("COMMIT")
            #expect(try await till.query("FETCH ALL FROM h").isEmpty)
            try await till.query("CLOSE h")
            // The control: within the transaction a cursor reads, and ends with it.
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            try await till.query("DECLARE c CURSOR FOR SELECT email FROM users ORDER BY length(email)")
            #expect(try await till.query("FETCH ALL FROM c").count == EngineWorld.users)
            try await till.query("COMMIT")
            #expect(await till.sqlState("FETCH ALL FROM c") == "34000")
            await till.close()
        }
    }

    @Test func preparedForLater() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            try await till.query("PREPARE p AS SELECT min(email) FROM users")
            #expect(try await till.value("EXECUTE p") == "u10@acme.example")
            try await till.query("COMMIT")
            #expect(await till.sqlState("EXECUTE p") == "42P01")
            // In another company's transaction it reads that company's.
            #expect(await till.begin(using: try await till.ticket("globex")) == nil)
            #expect(try await till.value("EXECUTE p") == "u10@globex.example")
            try await till.query("COMMIT")
            #expect(await till.begin(using: try await till.ticket("acme")) == nil)
            #expect(await till.sqlState("PREPARE TRANSACTION 'kept'") == "55000")
            await till.attempt("ROLLBACK")
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test func usedInAutocommit() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme")
            #expect(await till.use(ticket) == nil)
            #expect(await till.sqlState("SELECT * FROM users") == "42P01")
            #expect(await till.sqlState("SELECT * FROM \(world.acme).users") == "42501")
            #expect(await till.begin(using: ticket) == "PT410")
            await till.attempt("ROLLBACK")
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test(arguments: ["SET ROLE", "SET SESSION ROLE", "BEGIN; SET ROLE"])
    func aRoleOfTheSessionsOwn(how: String) async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let before = try await till.ticket("acme")
            if how.hasPrefix("BEGIN") {
                // From within a ticket's transaction, for the session.
                #expect(await till.begin(using: try await till.ticket("acme")) == nil)
                await till.attempt(
                    "SET ROLE \(world.acme)_writer", "SET search_path = \(world.acme.windows)", "COMMIT")
            } else {
                await till.attempt("\(how) \(world.acme)_writer", "SET search_path = \(world.acme.windows)")
            }
            #expect(try await till.value("SELECT current_user") == "\(world.acme)_writer")
            // There the tables are, and empty; the next call says why.
            #expect(try await till.count("users") == 0)
            #expect(await till.sqlState("SELECT piste.ticket('acme', 'users.read', 'users')") == "PT409")
            #expect(await till.begin(using: before) == "PT409")
            await till.attempt("ROLLBACK", "RESET ROLE", "RESET search_path")
            #expect(try await till.reads(with: before) == "u10@acme.example")
            await till.close()
        }
    }

    @Test(arguments: [
        "BEGIN READ ONLY", "BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL SERIALIZABLE",
    ])
    func aTransactionThatCannot(begin: String) async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme")
            try await till.query(begin)
            #expect(await till.use(ticket) == "PT409")
            await till.attempt("ROLLBACK", begin)
            #expect(await till.sqlState("SELECT piste.ticket('acme', 'users.read', 'users')") == "PT409")
            await till.attempt("ROLLBACK")
            #expect(try await till.reads(with: ticket) == "u10@acme.example")
            // The same as a habit of the session, which a pool hands on.
            let later = try await till.ticket("acme")
            let mode = begin.dropFirst("BEGIN ".count)
            try await till.query("SET SESSION CHARACTERISTICS AS TRANSACTION \(mode)")
            #expect(await till.begin(using: later) == "PT409")
            await till.attempt("ROLLBACK", "RESET ALL")
            #expect(try await till.reads(with: later) == "u10@acme.example")
            await till.close()
        }
    }

    @Test func theInnerHalfByItself() async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            let ticket = try await till.ticket("acme", "users", "read_only => true")
            try await till.query("BEGIN")
            try await till.query("SELECT piste.open_ticket($1::uuid)", [.text(ticket)])
            #expect(try await till.value("SELECT current_user") == world.till)
            await till.attempt("SAVEPOINT s")
            #expect(await till.sqlState("SELECT * FROM users") == "42P01")
            await till.attempt("ROLLBACK TO s", "SET LOCAL ROLE \(world.acme)_writer")
            #expect(await till.sqlState("UPDATE \(world.acme.windows).users SET locale = 'zz'") == "25006")
            try await till.query("COMMIT")
            #expect(try await till.value("SELECT current_user") == world.till)
            #expect(await till.sqlState("SELECT * FROM users") == "42P01")
            await till.close()
        }
    }

    @Test(arguments: [
        "", "x", "00000000-0000-0000-0000-000000000000", "--------------------------------", "ÿ", "{1}",
    ])
    func aForgedName(name: String) async throws {
        try await EngineWorld.underAttack { world in
            let till = try await world.connect(world.till)
            // The lease makes the role possible; the name of no ticket opens nothing, and raises nothing.
            _ = try await till.ticket("acme")
            try await till.query("SELECT set_config('piste.ticket', $1, false)", [.text(name)])
            try await till.query("SET ROLE \(world.acme)_writer")
            #expect(try await till.count("\(world.acme.windows).users") == 0)
            try await till.query("BEGIN")
            try await till.query("SELECT pg_current_xact_id()")
            #expect(try await till.count("\(world.acme.windows).users") == 0)
            await till.attempt("ROLLBACK", "RESET ROLE")
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test func suspendedSinceIsNoEmptyResult() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let user = try await world.connect(world.till)
            let bob = try await world.connect(world.bob)
            let unused = try await till.ticket("acme")
            // In a savepoint, whose number is not the transaction's.
            try await user.query("BEGIN")
            try await user.query("SAVEPOINT s")
            #expect(await user.use(try await till.ticket("acme")) == nil)
            #expect(try await user.count("users") == EngineWorld.users)
            try await world.limitPatience(bob)
            try await bob.query("SELECT piste.suspend_company('acme')")
            #expect(try await world.backendEnds(user.backendPID))
            #expect(await till.begin(using: unused) == "PT410")
            await till.attempt("ROLLBACK")
            #expect(try await till.ticketRefusal("acme") == "company_suspended")
            try await world.expectTickets(till, "globex")
            try await bob.query("SELECT piste.resume_company('acme')")
            try await world.expectTickets(till)
            for connection in [till, user, bob] { await connection.close() }
        }
    }

    @Test func pastItsTimeTheTransactionIsEnded() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme", "users", "seconds => 1")) == nil)
            // Whoever unsets its timeouts keeps what it has sorted, and gets no new row.
            for name in try await world.timeouts {
                try await till.query("SET LOCAL \(name) = 0")
            }
            try await till.query("DECLARE c CURSOR FOR SELECT email FROM users ORDER BY length(email)")
            #expect(try await till.query("FETCH 2 FROM c").count == 2)
            let patient = try await world.connect(world.till)
            #expect(
                await patient.begin(using: try await patient.ticket("acme", "users", "seconds => 600")) == nil
            )
            try await Task.sleep(for: .milliseconds(2100))
            #expect(try await till.count("users") == 0)
            let did = try await world.owner.query(
                "SELECT did, operator FROM piste.sweep() WHERE did = 'overdue'")
            #expect(did.count == 1)
            #expect(try await world.backendEnds(till.backendPID))
            #expect(try await patient.count("users") == EngineWorld.users)
            await patient.close()
            await till.close()
        }
    }

    @Test("From 17 on the server itself ends a transaction at its ticket's time, before any sweep")
    func theServersOwnClock() async throws {
        try await EngineWorld.run { world in
            guard try await world.version >= 170_000 else { return }
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme", "users", "seconds => 1")) == nil)
            #expect(await till.sqlState("SELECT pg_sleep(5)") == "25P04")
            #expect(try await world.backendEnds(till.backendPID))
            await till.close()
        }
    }
}
