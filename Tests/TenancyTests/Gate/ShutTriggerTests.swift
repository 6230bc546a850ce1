import Postgres
import TestSupport
import Testing

/// What is written too late, or was never named, ends in an error: nothing is lost in silence, and nothing is told.
struct ShutTriggerTests {
    /// Statements that write users, whether there is a row or not.
    private static let writes = [
        "INSERT INTO users (email, name) VALUES ('new@x.example', 'N')",
        "INSERT INTO users (email, name) SELECT 'x', 'x' WHERE false",
        "INSERT INTO users (email, name) SELECT email || '.x', name FROM users",
        "INSERT INTO users (email, name) VALUES ('u1@acme.example', 'N') ON CONFLICT DO NOTHING",
        "INSERT INTO users (email, name) VALUES ('u1@acme.example', 'N') ON CONFLICT (email) DO UPDATE SET name = 'M'",
        "INSERT INTO users (email, name) VALUES ('new@x.example', 'N') RETURNING id",
        "UPDATE users SET name = 'M' WHERE id = 1", "UPDATE users SET name = 'M' WHERE id = 999999",
        "UPDATE users SET name = 'M' WHERE false",
        "UPDATE users u SET name = v.name FROM (VALUES (1, 'V')) AS v (id, name) WHERE v.id = u.id",
        "UPDATE users SET name = 'M' WHERE id = 1 RETURNING email",
        "DELETE FROM users WHERE id = 20", "DELETE FROM users WHERE false",
        "DELETE FROM users u USING (VALUES (20)) AS v (id) WHERE v.id = u.id",
        "WITH gone AS (DELETE FROM users WHERE id = 20 RETURNING id) SELECT count(*) FROM gone",
        "WITH made AS (INSERT INTO users (email, name) VALUES ('new@x.example', 'N')) SELECT 1",
        "EXPLAIN ANALYZE UPDATE users SET name = 'M' WHERE id = 1",
    ]

    /// From PostgreSQL 17 on a view can be merged into.
    private static let merges = [
        "MERGE INTO users u USING (VALUES (1)) AS v (id) ON v.id = u.id WHEN MATCHED THEN UPDATE SET name = 'M'",
        "MERGE INTO users u USING (VALUES (20)) AS v (id) ON v.id = u.id WHEN MATCHED THEN DELETE",
        """
        MERGE INTO users u USING (VALUES (999999)) AS v (id) ON v.id = u.id
        WHEN NOT MATCHED THEN INSERT (email, name) VALUES ('new@x.example', 'N')
        """,
    ]

    private static func writes(on server: Connection) async throws -> [String] {
        let version = try await server.number("SELECT current_setting('server_version_num')::int")
        return writes + (version >= 170_000 ? merges : [])
    }

    @Test("A table that was not named is not written, and the error names it", arguments: TestServers.all)
    func notNamed(server: TestServer) async throws {
        try await EngineWorld.underAttack(on: server) { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            for declared in [nil, "journeys"] {
                for sql in try await Self.writes(on: world.owner) {
                    if let declared { try await shop.declare(declared) }
                    let error = await shop.failure(sql)
                    #expect(error?.sqlState == "PT403", "\(sql)")
                    #expect(
                        error?.message.contains("users was not named") == true,
                        "\(sql): \(error?.message ?? "")")
                    #expect(error?.detail == nil)
                }
            }
            // The control: named, each of them does.
            for sql in try await Self.writes(on: world.owner) {
                try await shop.declare(WindowWorld.everything)
                try await shop.query("BEGIN")
                #expect(await shop.sqlState(sql) == nil, "\(sql)")
                try await shop.query("ROLLBACK")
            }
            await shop.close()
        }
    }

    @Test(
        "What comes after the declaration's time is refused, and half a transaction is not kept",
        arguments: TestServers.all)
    func tooLate(server: TestServer) async throws {
        try await EngineWorld.underAttack(on: server) { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            for sql in try await Self.writes(on: world.owner) {
                try await shop.declare(WindowWorld.everything)
                try await shop.query("BEGIN")
                #expect(try await shop.query("UPDATE users SET name = 'early' WHERE id = 1").affected == 1)
                try await world.owner.query(
                    "UPDATE piste.declaration SET declared_at = declared_at - interval '11 s'")
                let error = await shop.failure(sql)
                #expect(error?.sqlState == "PT410", "\(sql)")
                #expect(error?.message.contains("the declaration of users is over: declare again") == true)
                #expect(error?.table == "users")
                // The client that does not look at errors commits nothing.
                await shop.attempt("COMMIT")
            }
            #expect(
                try await world.owner.value("SELECT name FROM \(world.acme).users WHERE id = 1") == "User 1")
            await shop.close()
        }
    }

    @Test("Ten seconds are ten seconds")
    func byTheClock() async throws {
        try await EngineWorld.underAttack { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            try await shop.declare()
            try await shop.query("BEGIN")
            #expect(await shop.sqlState("UPDATE users SET name = 'early' WHERE id = 1") == nil)
            try await shop.query("SELECT pg_sleep(10.1)")
            #expect(await shop.sqlState("UPDATE users SET name = 'late' WHERE id = 1") == "PT410")
            await shop.attempt("COMMIT")
            await shop.close()
        }
    }

    @Test("It says which of the other reasons it is", arguments: TestServers.all)
    func reasons(server: TestServer) async throws {
        try await EngineWorld.underAttack(on: server) { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            let change = "UPDATE users SET name = 'x' WHERE id = 1"
            try await shop.run(script: "BEGIN; SELECT piste.declare('users.write', 'users')")
            var error = await shop.failure(change)
            #expect(error?.sqlState == "PT409" && error?.message.contains("not committed yet") == true)
            try await shop.query("ROLLBACK")
            try await shop.declare()
            try await shop.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
            error = await shop.failure(change)
            #expect(error?.sqlState == "PT409" && error?.message.contains("READ COMMITTED") == true)
            try await shop.query("ROLLBACK")
            try await shop.query("SELECT piste.close_own_context()")
            error = await shop.failure(change)
            #expect(error?.sqlState == "PT410" && error?.message.contains("the context ended") == true)
            #expect(error?.table ?? "" == "", "it is about the context")
            // A role without a context: nothing was declared here.
            try await world.owner.query("GRANT \(world.acme)_writer TO \(world.carol)")
            let carol = try await world.connect(world.carol)
            try await carol.query("SET ROLE \(world.acme)_writer")
            error = await carol.failure("DELETE FROM \(world.acme.windows).users")
            #expect(error?.sqlState == "PT403" && error?.message.contains("in no context") == true)
            try await world.owner.query("REVOKE \(world.acme)_writer FROM \(world.carol)")
            await shop.close()
            await carol.close()
        }
    }

    @Test(
        "What a foreign key does on somebody's behalf needs the child named, and shows no row of it",
        arguments: TestServers.all)
    func foreignKeys(server: TestServer) async throws {
        try await EngineWorld.underAttack(on: server) { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            let delete = "DELETE FROM users WHERE id = 1"
            try await shop.declare()
            var error = await shop.failure(delete)
            #expect(error?.sqlState == "PT403" && error?.message.contains("delete of journeys") == true)
            // The key of this table sets null what must not be: PostgreSQL's own error would print the row.
            try await world.owner.run(
                script: """
                    ALTER TABLE \(world.acme).journeys DROP CONSTRAINT journeys_user_id_fkey, ADD CONSTRAINT journeys_user_id_fkey
                        FOREIGN KEY (user_id) REFERENCES \(world.acme).users ON DELETE SET NULL
                    """)
            try await shop.declare()
            error = await shop.failure(delete)
            #expect(error?.sqlState == "PT403" && error?.message.contains("update of journeys") == true)
            #expect(error?.detail == nil && error?.message.contains("Onboarding") == false)
            // The control: without the trigger it does.
            try await world.owner.query("ALTER TABLE \(world.acme).journeys DISABLE TRIGGER shut")
            try await shop.declare()
            error = await shop.failure(delete)
            #expect(error?.sqlState == "23502" && error?.detail?.contains("Onboarding") == true)
            try await world.owner.query("ALTER TABLE \(world.acme).journeys ENABLE TRIGGER shut")
            await shop.close()
        }
    }

    @Test("The engine's own work passes, in its own backend and transaction, and nobody else's does")
    func ownWork() async throws {
        try await EngineWorld.underAttack { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            let change = "UPDATE users SET name = 'x' WHERE id = 1"
            for what in ["begin_work('x')", "end_work()", "at_work()"] {
                #expect(await shop.sqlState("SELECT piste.\(what)") == "42501", "\(what)")
            }
            #expect(
                await shop.sqlState("INSERT INTO piste.engine_work VALUES (pg_backend_pid(), '1', 'x')")
                    == "42501")
            // A row of another transaction of the same backend, or of another backend in this one, is no pass.
            let xid = try await shop.value("SELECT pg_current_xact_id()")
            for (pid, number) in [
                ("\(shop.backendPID)", xid), ("\(world.owner.backendPID)", "pg_current_xact_id()"),
            ] {
                try await world.owner.query(
                    "INSERT INTO piste.engine_work VALUES (\(pid), \(number.first?.isNumber == true ? "'\(number)'" : number), 'x')"
                )
                #expect(await shop.sqlState(change) == "PT403")
                try await world.owner.query("DELETE FROM piste.engine_work")
            }
            // The control: its own transaction's would be.
            try await shop.query("BEGIN")
            let own = try await shop.value("SELECT pg_current_xact_id()")
            try await world.owner.query(
                "INSERT INTO piste.engine_work VALUES (\(shop.backendPID), '\(own)', 'x')")
            #expect(try await shop.query(change).affected == 0, "the row gate stands behind it")
            try await shop.query("ROLLBACK")
            try await world.owner.query("DELETE FROM piste.engine_work")
            // And whoever owns the database is not asked.
            #expect(
                try await world.owner.query("UPDATE \(world.acme).users SET name = name WHERE false").affected
                    == 0)
            await shop.close()
        }
    }
}

extension Connection {
    /// The error with which the server refuses; nil when it does not.
    func failure(_ sql: String) async -> PostgresError? {
        do {
            try await query(sql)
            return nil
        } catch {
            return error
        }
    }
}
