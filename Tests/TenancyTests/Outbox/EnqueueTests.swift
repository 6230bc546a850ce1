import Postgres
import TestSupport
import Testing

/// Jobs go into a company's outbox with a change, or not at all.
struct EnqueueTests {
    @Test(
        "A job is there when its change is committed, and gone with its rollback", arguments: TestServers.all)
    func goesWithItsTransaction(on server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let till = try await world.connect(world.till)
            for (end, jobs, name) in [("ROLLBACK", 0, "User 7"), ("COMMIT", 1, "Grace")] {
                let ticket = try await till.ticket("acme")
                #expect(await till.begin(using: ticket) == nil)
                try await till.query("UPDATE users SET name = 'Grace' WHERE id = 7")
                #expect(await till.enqueue("mail.welcome", #"{"user": 7, "secret": "hunter2"}"#) == nil)
                try await till.query(end)
                #expect(try await world.jobs("acme") == jobs, "\(end)")
                #expect(
                    try await world.owner.value("SELECT name FROM \(world.acme).users WHERE id = 7") == name)
            }
            let detail = try await world.lastDetail("outbox.enqueue", of: "acme")
            #expect(detail.contains("mail.welcome"), "\(detail)")
            // What a job holds stands in no record.
            #expect(
                try await world.owner.number(
                    """
                    SELECT (SELECT count(*) FROM piste.entry e WHERE e::text LIKE '%hunter2%')
                        + (SELECT count(*) FROM piste.entry_values v WHERE v.content LIKE '%hunter2%')
                    """) == 0)
            await till.close()
        }
    }

    @Test("Whoever may change nothing enqueues nothing, and nobody does outside or elsewhere")
    func wantsTheRightToChange() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            #expect(await till.enqueue() == "PT401")
            let reading = try await till.ticket("acme", "users", action: "users.read", "read_only => true")
            #expect(await till.begin(using: reading) == nil)
            #expect(await till.enqueue() == "PT403")
            try await till.query("ROLLBACK")

            for login in [world.carol, world.alice] {
                let (reader, _) = try await world.inside("acme", as: login)
                try await reader.declare()
                #expect(try await reader.count("users") == EngineWorld.users)
                #expect(await reader.enqueue() == "PT403")
                #expect(await reader.sqlState("SELECT * FROM piste.job") == "42501")
                await reader.close()
            }
            let (alice, jti) = try await world.inImpersonation("acme", as: world.alice)
            #expect(await alice.enqueue() == "PT403")
            try await alice.declare()
            #expect(await alice.enqueue() == nil)
            // Not in the transaction of the declaration, and not behind a cursor that outlives it.
            try await alice.query("BEGIN")
            try await alice.declare()
            #expect(await alice.enqueue() == "PT409")
            try await alice.query("ROLLBACK")
            try await world.expire(jti)
            #expect(await alice.enqueue() != nil)
            #expect(try await world.jobs("acme") == 1)
            #expect(try await world.jobs("globex") == 0)
            // A stranger has no right to call it at all.
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN NOINHERIT")
            let nobody = try await world.connect(stranger)
            for call in [
                "enqueue('x')", "drain()", "jobs(NULL)", "finish_jobs(NULL)", "outbox()", "let_drain('x')",
            ] {
                #expect(await nobody.sqlState("SELECT piste.\(call)") == "42501", "\(call)")
            }
            for connection in [till, alice, nobody] { await connection.close() }
        }
    }

    @Test("An outbox is full at some point: the change fails with its job, and no other company feels it")
    func isBounded() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("SELECT * FROM piste.set_setting('max_waiting_jobs', '50')")
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            try await world.enqueue(50, in: "acme", by: till)
            let ticket = try await till.ticket("acme")
            #expect(await till.begin(using: ticket) == nil)
            try await till.query("UPDATE users SET name = 'lost' WHERE id = 7")
            #expect(await till.enqueue() == "PT429")
            try await till.query("COMMIT")
            #expect(try await world.jobs("acme") == 50)
            #expect(
                try await world.owner.value("SELECT name FROM \(world.acme).users WHERE id = 7") == "User 7")
            for (kind, payload, state) in [
                ("Mail", "{}", "PT400"), ("mail welcome", "{}", "PT400"), ("", "{}", "PT400"),
                (String(repeating: "k", count: 65), "{}", "PT400"),
                ("mail", "\"\(String(repeating: "x", count: 65_535))\"", "PT413"),
            ] {
                let ticket = try await till.ticket("globex")
                #expect(await till.begin(using: ticket) == nil)
                #expect(await till.enqueue(kind, payload) == state, "\(kind.prefix(20))")
                try await till.query("ROLLBACK")
            }
            try await world.enqueue(in: "globex", by: till)
            // One company's many do not stand before another's few.
            try await world.letDrain(world.shop)
            let lease = try #require(try await shop.drain(2))
            #expect(try await Set(shop.jobs(lease)) == ["acme mail.welcome 1", "globex mail.welcome 1"])
            // What is done makes room.
            #expect(try await shop.finish(lease) == 2)
            try await world.enqueue(in: "acme", by: till)
            for connection in [till, shop] { await connection.close() }
        }
    }

    @Test("Transactions that are open at once fill no outbox beyond its bound", arguments: TestServers.all)
    func isBoundedAtTheCommit(on server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            try await world.owner.query("SELECT * FROM piste.set_setting('max_waiting_jobs', '50')")
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            /// Thirty jobs that nobody else sees yet.
            func begin(_ service: Connection, _ company: String = "acme", jobs: Int = 30) async throws {
                let ticket = try await service.ticket(company)
                #expect(await service.begin(using: ticket) == nil)
                try await service.query(
                    "SELECT piste.enqueue('mail.welcome') FROM generate_series(1, \(jobs))")
            }
            // Both go as far as their commits, and the second one's sees the first one's.
            try await begin(till)
            try await begin(shop)
            try await shop.query("UPDATE users SET name = 'lost' WHERE id = 7")
            #expect(await till.sqlState("COMMIT") == nil)
            #expect(await shop.sqlState("COMMIT") == "PT429")
            #expect(try await world.jobs("acme") == 30)
            #expect(
                try await world.owner.value("SELECT name FROM \(world.acme).users WHERE id = 7") == "User 7")
            // Who has constraints checked early is counted at the commit all the same, and keeps nobody from theirs.
            try await shop.query("SET statement_timeout = '20s'")
            for (early, jobs) in [
                ("SET CONSTRAINTS ALL IMMEDIATE", 16),
                ("DO $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; END $$", 11),
            ] {
                try await begin(till, jobs: jobs)
                try await till.query(early)
                try await begin(shop, jobs: 5)
                #expect(await shop.sqlState("COMMIT") == nil, "\(early)")
                #expect(await till.sqlState("COMMIT") == "PT429", "\(early)")
            }
            // A cursor that is materialized behind the count would keep the others waiting.
            try await begin(till, jobs: 1)
            try await till.query("DECLARE held CURSOR WITH HOLD FOR SELECT 1")
            #expect(await till.sqlState("COMMIT") == "PT409")
            #expect(try await world.jobs("acme") == 40)
            // Another company has room of its own; and nothing of the counting is left.
            try await begin(till, "globex")
            #expect(await till.sqlState("COMMIT") == nil)
            #expect(try await world.owner.count("piste.enqueuing") == 0)
            for connection in [till, shop] { await connection.close() }
        }
    }

    @Test("What waits is told to whoever watches, and nobody's name with it")
    func figures() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("SELECT * FROM piste.set_setting('max_waiting_jobs', '10')")
            let monitor = world.database.roleName("monitor_o")
            try await world.owner.query(
                "SELECT * FROM piste.add_operator($1, 'monitor')", [.text(monitor)])
            let (till, watcher) = (try await world.connect(world.till), try await world.connect(monitor))
            try await world.letDrain(world.till)
            func figures() async throws -> [String] {
                try await watcher.query(
                    """
                    SELECT concat_ws(' ', name, label, CASE name WHEN 'jobs_oldest_age' THEN (value > 0)::text ELSE value::text END)
                    FROM piste.metrics() WHERE name ~ '^(job|outbox)' ORDER BY name DESC, label
                    """
                ).map { try $0.string(0) }
            }
            #expect(
                try await figures() == [
                    "outbox_fullest 0", "jobs_oldest_age false", "jobs leased 0", "jobs suspended 0",
                    "jobs waiting 0",
                ])
            try await world.enqueue(5, in: "acme", by: till)
            try await world.enqueue(2, in: "globex", by: till)
            _ = try #require(try await till.drain(3))
            #expect(
                try await figures() == [
                    "outbox_fullest 0.5", "jobs_oldest_age true", "jobs leased 3", "jobs suspended 0",
                    "jobs waiting 4",
                ])
            for company in ["acme", "globex"] {
                #expect(try await world.owner.refusal("suspend_company('\(company)')") == nil)
            }
            #expect(
                try await figures() == [
                    "outbox_fullest 0.5", "jobs_oldest_age false", "jobs leased 0", "jobs suspended 7",
                    "jobs waiting 0",
                ])
            // Whose they are is not for whoever only watches.
            for call in ["outbox()", "outbox_metrics()"] {
                #expect(await watcher.sqlState("SELECT * FROM piste.\(call)") == "42501", "\(call)")
            }
            for connection in [till, watcher] { await connection.close() }
        }
    }
}
