import Postgres
import TestSupport
import Testing

/// What was read past a ticket's time is not committed, whatever a client makes of its constraints.
struct CommitTests {
    /// A transaction whose ticket lasts one second, and which idles over that.
    private func late(
        _ till: Connection, before: [String] = [], after: [String] = [], readOnly: Bool = false
    ) async throws -> String? {
        let ticket = try await till.ticket("acme", "users", "seconds => 1, read_only => \(readOnly)")
        try await till.query("BEGIN")
        for sql in before { try await till.query(sql) }
        #expect(await till.use(ticket) == nil)
        #expect(try await till.count("users") == EngineWorld.users)
        for sql in after {
            if let state = await till.sqlState(sql) {
                await till.attempt("ROLLBACK")
                return state
            }
        }
        try await till.query(
            "SELECT set_config(name, '0', true) FROM pg_settings WHERE name ~ '^(statement|idle_in_transaction_session|transaction)_timeout$'"
        )
        try await till.query("SELECT pg_sleep(1.1)")
        #expect(try await till.count("users") == 0)
        let state = await till.sqlState("COMMIT")
        await till.attempt("ROLLBACK")
        return state
    }

    private static let now = "SET CONSTRAINTS ALL IMMEDIATE"

    @Test("A late commit is refused", arguments: TestServers.all)
    func refused(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let till = try await world.connect(world.till)
            let named = "SET CONSTRAINTS piste.late IMMEDIATE"
            for (before, after) in [
                ([], []), ([], [Self.now]), ([Self.now], []), ([], [named]), ([named], []),
                ([], [Self.now, Self.now, named]), ([Self.now], ["SET CONSTRAINTS ALL DEFERRED", Self.now]),
                ([], ["SAVEPOINT a", Self.now, "RELEASE a"]),
                ([], ["SAVEPOINT a", Self.now, "ROLLBACK TO a"]),
                ([], ["DO $$ BEGIN EXECUTE 'SET CONS' || 'TRAINTS ALL IMMEDIATE'; END $$"]),
                ([], ["SELECT set_config('piste.ticket', '', true)", Self.now, "RESET piste.ticket"]),
            ] as [([String], [String])] {
                #expect(try await late(till, before: before, after: after) == "PT410", "\(before) \(after)")
            }
            #expect(try await late(till, readOnly: true) == "PT410")
            #expect(try await late(till, after: [Self.now], readOnly: true) == "PT409")
            try await world.expectTickets(till)
            await till.close()
        }
    }

    @Test("In time everything is committed, with constraints as one likes", arguments: TestServers.all)
    func inTime(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let till = try await world.connect(world.till)
            for sql in [
                "SELECT 1", Self.now, "SET CONSTRAINTS piste.late IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED",
            ] {
                #expect(await till.begin(using: try await till.ticket("acme")) == nil)
                try await till.query(sql)
                try await till.query("UPDATE users SET locale = 'xx'")
                try await till.query("SET CONSTRAINTS ALL DEFERRED")
                try await till.query("COMMIT")
                let changed = "SELECT count(*) FROM \(world.acme).users WHERE locale = 'xx'"
                #expect(try await world.owner.number(changed) == EngineWorld.users, "\(sql)")
                try await world.owner.query("UPDATE \(world.acme).users SET locale = 'en'")
            }
            #expect(
                await till.begin(using: try await till.ticket("acme", "users", "read_only => true")) == nil)
            #expect(try await till.count("users") == EngineWorld.users)
            #expect(await till.sqlState("COMMIT") == nil)
            await till.close()
        }
    }
}
