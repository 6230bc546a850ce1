import Postgres
import TestSupport
import Testing

/// A service takes the jobs of all companies: by a right of its own, on record first, and without losing one.
struct DrainTests {
    @Test("Draining is a right that an admin gives a service, and takes back")
    func isARight() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            try await world.enqueue(in: "acme", by: till)
            for login in [world.till, world.carol, world.alice, world.bob] {
                let connection = try await world.connect(login)
                #expect(try await connection.refusal("drain()") == "not_allowed", "\(login)")
                await connection.close()
            }
            #expect(try await till.refusal("finish_jobs(gen_random_uuid())") == "not_allowed")
            #expect(try await till.refusal("outbox()") == "not_allowed")
            #expect(try await world.lastDetail("outbox.refused", of: nil).contains("not_allowed"))
            let alice = try await world.connect(world.alice)
            #expect(try await alice.refusal("let_drain($1)", [.text(world.till)]) == "not_allowed")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("let_drain($1)", [.text(world.alice)]) == "not_a_service")
            #expect(try await bob.refusal("let_drain('nobody')") == "unknown_operator")
            #expect(try await bob.refusal("let_drain($1)", [.text(world.till)]) == nil)
            #expect(try await world.lastDetail("operator.drain", of: nil).contains("true"))
            #expect(
                try await bob.value(
                    "SELECT drains FROM piste.operators() WHERE login = $1", [.text(world.till)])
                    == "t")
            #expect(try await bob.value("SELECT url_id || waiting || leased FROM piste.outbox()") == "acme10")
            let lease = try #require(try await till.drain())
            #expect(try await till.jobs(lease) == ["acme mail.welcome 1"])
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'") == 0
            )
            // Taken back, it opens nothing that was leased by it; and another level ends it too.
            try await world.letDrain(world.till, false)
            #expect(await till.sqlState("SELECT * FROM piste.jobs('\(lease)')") == "PT410")
            #expect(try await till.refusal("drain()") == "not_allowed")
            try await world.letDrain(world.till)
            for level in ["viewer", "service"] {
                try await world.owner.query(
                    "SELECT * FROM piste.add_operator($1, $2)", [.text(world.till), .text(level)])
            }
            let again = try await world.connect(world.till)
            #expect(try await again.refusal("drain()") == "not_allowed")
            for connection in [till, alice, bob, again] { await connection.close() }
        }
    }

    @Test(
        "Jobs leave when the record of their leaving is committed, to whoever leased them",
        arguments: TestServers.all)
    func isRecordedFirst(on server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            for login in [world.till, world.shop] { try await world.letDrain(login) }
            try await world.enqueue(2, in: "acme", by: till)
            try await world.enqueue(in: "globex", by: till)
            // Not before the commit, and after a rollback they were never leased.
            try await shop.query("BEGIN")
            let early = try #require(try await shop.drain())
            #expect(await shop.sqlState("SELECT * FROM piste.jobs('\(early)')") == "PT409")
            try await shop.query("ROLLBACK")
            #expect(await shop.sqlState("SELECT * FROM piste.jobs('\(early)')") == "PT410")
            #expect(try await world.lastDetail("outbox.drain", of: nil).isEmpty)
            // Nor with what makes the guard of the commit come early, or the rows stay.
            try await shop.query("BEGIN")
            try await shop.query("SET CONSTRAINTS ALL IMMEDIATE")
            #expect(await shop.sqlState("SELECT piste.drain()") == "PT409")
            try await shop.query("ROLLBACK")
            try await shop.query("BEGIN")
            try await shop.query("DECLARE held CURSOR WITH HOLD FOR SELECT 1")
            #expect(await shop.sqlState("SELECT piste.drain()") == "PT409")
            try await shop.query("ROLLBACK")

            let lease = try #require(try await shop.drain())
            #expect(
                try await shop.jobs(lease).sorted() == [
                    "acme mail.welcome 1", "acme mail.welcome 1", "globex mail.welcome 1",
                ])
            // One record names the companies with their numbers, and each company's own names no other.
            let control = try await world.lastDetail("outbox.drain", of: nil)
            #expect(control.contains(#""acme": 2"#) && control.contains(#""globex": 1"#), "\(control)")
            #expect(try await world.lastDetail("outbox.drain", of: "acme") == #"{"jobs": 2}"#)
            #expect(try await world.lastDetail("outbox.drain", of: "globex") == #"{"jobs": 1}"#)
            // Another service sees nothing of it, and ends nothing.
            #expect(await till.sqlState("SELECT * FROM piste.jobs('\(lease)')") == "PT410")
            #expect(try await till.drain() == nil)
            #expect(try await till.finish(lease) == 0)
            #expect(await shop.sqlState("BEGIN ISOLATION LEVEL REPEATABLE READ") == nil)
            #expect(await shop.sqlState("SELECT * FROM piste.jobs('\(lease)')") == "PT409")
            try await shop.query("ROLLBACK")
            #expect(try await shop.finish(lease) == 3)
            #expect(try await shop.finish(lease) == 0)
            #expect(try await world.jobs("acme") + world.jobs("globex") == 0)
            #expect(try await world.lastDetail("outbox.finish", of: "acme") == #"{"jobs": 2}"#)
            for connection in [till, shop] { await connection.close() }
        }
    }

    @Test("A client that dies with its jobs loses none: they come again, and its late word ends nothing")
    func losesNothing() async throws {
        try await EngineWorld.run { world in
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            for login in [world.till, world.shop] { try await world.letDrain(login) }
            try await world.enqueue(3, in: "acme", by: till)
            // Killed before it has committed: nothing was leased.
            let first = try await world.connect(world.shop)
            try await first.query("BEGIN")
            #expect(try await first.drain(2) != nil)
            #expect(try await till.drain(1, ", kind => 'other'") == nil)
            // What it holds is left to it, and the third job is nobody's.
            let third = try #require(try await till.drain())
            #expect(try await till.jobs(third).count == 1)
            try await world.owner.query("SELECT pg_terminate_backend(\(first.backendPID))")
            #expect(
                try await eventually {
                    try await world.owner.number(
                        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(first.backendPID)") == 0
                })
            await first.close()
            // Killed with its lease: they are out of sight until it is over, and then somebody else's.
            let lease = try #require(try await shop.drain())
            #expect(try await shop.jobs(lease).count == 2)
            await shop.close()
            #expect(try await till.drain() == nil)
            try await world.owner.query(
                "UPDATE piste.job SET visible_at = clock_timestamp() WHERE lease = $1::uuid", [.text(lease)])
            let second = try #require(try await till.drain())
            #expect(try await till.jobs(second) == Array(repeating: "acme mail.welcome 2", count: 2))
            let late = try await world.connect(world.shop)
            #expect(try await late.jobs(lease).isEmpty)
            #expect(try await late.finish(lease) == 0)
            #expect(try await world.jobs("acme") == 3)
            // Finished in the transaction of its own work, a job is done with that or not at all.
            for (end, left) in [("ROLLBACK", 3), ("COMMIT", 1)] {
                let ticket = try await till.ticket("acme")
                #expect(await till.begin(using: ticket) == nil)
                #expect(try await till.finish(second) == 2)
                try await till.query(end)
                #expect(try await world.jobs("acme") == left)
            }
            for connection in [till, late] { await connection.close() }
        }
    }

    @Test("A suspended company's jobs wait; a removed one's go with it, whoever idles on them")
    func followsItsCompany() async throws {
        try await EngineWorld.run { world in
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            try await world.letDrain(world.shop)
            try await world.enqueue(2, in: "acme", by: till)
            let lease = try #require(try await shop.drain(1))
            #expect(try await world.owner.refusal("suspend_company('acme')") == nil)
            #expect(try await shop.drain() == nil)
            #expect(try await shop.jobs(lease).isEmpty)
            #expect(try await world.owner.refusal("resume_company('acme')") == nil)
            #expect(try await shop.jobs(lease).count == 1)
            let (bob, _) = try await world.inside("acme", as: world.bob)
            #expect(try await bob.refusal("export_company()") == nil)
            #expect(try await world.lastDetail("company.export", of: "acme").contains(#""jobs_waiting": 2"#))
            await bob.close()
            // Whoever idles on them in a transaction holds up no removal.
            try await shop.query("BEGIN")
            #expect(try await shop.drain() != nil)
            // Whoever idles on another company's goes on.
            let other = try await world.connect(world.shop)
            try await world.enqueue(1, in: "globex", by: till)
            try await other.query("BEGIN")
            let kept = try #require(try await other.drain())
            let removed = try await world.owner.query("SELECT * FROM piste.delete_company('acme', 'acme')")
            #expect(try removed[0].isNull("refusal"))
            #expect(try removed[0].string("certificate").contains(#""jobs": 2"#))
            #expect(try await world.backendEnds(shop.backendPID))
            try await other.query("COMMIT")
            #expect(try await other.jobs(kept) == ["globex mail.welcome 1"])
            #expect(try await world.owner.count("piste.job") == 1)
            for connection in [till, shop, other] { await connection.close() }
        }
    }

    @Test("Nobody keeps a company by its jobs, behind a savepoint or without the right to drain")
    func holdersThatHide() async throws {
        try await EngineWorld.run { world in
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            try await world.letDrain(world.shop)
            try await world.enqueue(1, in: "acme", by: till)
            try await shop.query("BEGIN")
            try await shop.query("SAVEPOINT taking")
            #expect(try await shop.drain() != nil)
            try await shop.query("RELEASE taking")
            #expect(try await world.owner.refusal("delete_company('acme', 'acme')") == nil)
            #expect(try await world.backendEnds(shop.backendPID))

            let late = try await world.connect(world.shop)
            try await world.enqueue(1, in: "globex", by: till)
            try await late.query("BEGIN")
            #expect(try await late.drain() != nil)
            try await world.letDrain(world.shop, false)
            #expect(try await world.owner.refusal("delete_company('globex', 'globex')") == nil)
            #expect(try await world.backendEnds(late.backendPID))
            #expect(try await world.owner.count("piste.job") == 0)
            for connection in [till, shop, late] { await connection.close() }
        }
    }
}
