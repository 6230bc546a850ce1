import Postgres
import TestSupport
import Testing

/// The memberships of services: few, borrowed, and never in anybody's way.
struct LeaseTests {
    private static let names = (1...40).map { "firm-\($0)" }

    @Test func itKeepsThirtyTwoAndLetsTheLongestUnusedGo() async throws {
        try await EngineWorld.run { world in
            try await world.addCompanies(Self.names)
            let till = try await world.connect(world.till)
            for name in Self.names {
                #expect(try await till.reads(with: try await till.ticket(name)) == "u1@\(name).example")
                // One that is needed all the time stays, though it was granted first.
                try await world.owner.query(
                    """
                    UPDATE piste.lease SET used_at = clock_timestamp() + interval '1 hour'
                    WHERE company = (SELECT id FROM piste.company WHERE url_id = 'firm-1')
                    """)
            }
            #expect(try await world.leases(world.till) == 32)
            #expect(try await world.memberships(world.till) == 32)
            let kept = try await world.owner.value(
                """
                SELECT string_agg(k.url_id, ',') FROM piste.lease l JOIN piste.company k ON k.id = l.company
                WHERE k.url_id IN ('firm-1', 'firm-2', 'firm-3', 'firm-40')
                """)
            #expect(Set(kept.split(separator: ",")) == ["firm-1", "firm-40"])
            // Neither a sweep nor the proof takes a lease for a stray membership.
            #expect(try await world.owner.query("SELECT * FROM piste.sweep() WHERE did = 'incident'").isEmpty)
            #expect(
                try await world.owner.query(
                    "SELECT * FROM piste.isolation_report() WHERE id = 'memberships.companies' AND NOT passed"
                ).isEmpty)
            await till.close()
        }
    }

    /// Eight connections at random in forty companies: a membership that a ticket waits for is not taken away.
    @Test func noTicketLosesItsMembershipToAnother() async throws {
        try await EngineWorld.run { world in
            try await world.addCompanies(Self.names)
            let outcomes = try await withThrowingTaskGroup(of: [String: Int].self) { group in
                for seed in 1...8 {
                    group.addTask {
                        var till = try await world.connect(world.till)
                        var random = SplitMix(seed: UInt64(seed))
                        var outcomes: [String: Int] = [:]
                        for _ in 1...60 {
                            let name = Self.names[Int(random.next() % 40)]
                            var outcome = try await Self.serve(name, till)
                            // Whom a busy machine keeps from its work for two seconds while it is let in makes room for the
                            // next, and asks again; and so does whoever waited three seconds behind such.
                            while outcome == "57P01" || outcome == "PT423" {
                                if outcome == "57P01" {
                                    await till.close()
                                    till = try await world.connect(world.till)
                                }
                                outcome = try await Self.serve(name, till)
                            }
                            outcomes[outcome, default: 0] += 1
                        }
                        await till.close()
                        return outcomes
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
            #expect(outcomes == ["own": 480])
            #expect(try await world.leases(world.till) == world.memberships(world.till))
        }
    }

    /// One request by ticket: "own" when the rows are the company's, else "wrong" or the SQLSTATE of what refused it.
    private static func serve(_ name: String, _ till: Connection) async throws -> String {
        do {
            let ticket = try await till.ticket(name)
            if let state = await till.begin(using: ticket) {
                await till.attempt("ROLLBACK")
                return state
            }
            let first = try await till.value("SELECT min(email) FROM users")
            await till.attempt("COMMIT")
            return first == "u1@\(name).example" ? "own" : "wrong"
        } catch let error as PostgresError {
            guard let state = error.sqlState else { throw error }
            return state
        }
    }

    @Test func pastTheBoundItIsRefusedAndSaysUntilWhen() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query(
                """
                CREATE OR REPLACE FUNCTION piste.lease_bounds(OUT kept integer, OUT most integer)
                LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 2, 4'
                """)
            try await world.addCompanies(Array(Self.names.prefix(5)))
            let till = try await world.connect(world.till)
            var tickets: [String] = []
            for name in Self.names.prefix(4) { tickets.append(try await till.ticket(name)) }
            #expect(try await world.leases(world.till) == 4)
            let refusal = try await till.value(
                "SELECT refusal FROM piste.ticket('firm-5', 'users.read', 'users')")
            #expect(refusal.hasPrefix("too_many_companies: "))
            #expect(refusal.contains("again at 2"))
            // Used, they are free to go: down to what is kept.
            for ticket in tickets { #expect(try await till.reads(with: ticket) != nil) }
            #expect(try await till.reads(with: try await till.ticket("firm-5")) == "u1@firm-5.example")
            #expect(try await world.leases(world.till) == 2)
            #expect(try await world.memberships(world.till) == 2)
            await till.close()
        }
    }

    @Test func anOpenTransactionThatAskedStopsNobody() async throws {
        try await EngineWorld.run { world in
            let idle = try await world.connect(world.till)
            let till = try await world.connect(world.till)
            let shop = try await world.connect(world.shop)
            for connection in [till, shop] { try await world.limitPatience(connection) }
            // The first ticket of all grants the membership, and idles on it.
            try await idle.query("BEGIN")
            _ = try await idle.ticket("acme")
            for connection in [till, shop] { try await world.expectTickets(connection) }
            #expect(try await world.backendEnds(idle.backendPID))
            // Once it is there, an open transaction is in nobody's way at all.
            let second = try await world.connect(world.till)
            try await second.query("BEGIN")
            _ = try await second.ticket("acme")
            try await world.expectTickets(till)
            #expect(try await world.backendLives(second.backendPID))
            for connection in [idle, till, shop, second] { await connection.close() }
        }
    }

    @Test func theyEndAfterHalfAnHourWithTheirCompanyAndWithTheirService() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            try await world.expectTickets(till)
            try await world.expectTickets(till, "globex")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.leases(world.till) == 2)
            try await world.owner.query(
                "UPDATE piste.lease SET granted_at = granted_at - interval '31 minutes' WHERE company = (SELECT id FROM piste.company WHERE url_id = 'acme')"
            )
            // A ticket that waits keeps it.
            let waiting = try await till.ticket("acme")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.leases(world.till) == 2)
            #expect(try await till.reads(with: waiting) == "u10@acme.example")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.leases(world.till) == 1)
            #expect(try await world.memberships(world.till) == 1)
            try await world.owner.query("SELECT piste.suspend_company('globex')")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.memberships(world.till) == 0)
            try await world.expectTickets(till)
            try await world.owner.query("SELECT * FROM piste.remove_operator($1)", [.text(world.till)])
            #expect(try await world.leases(world.till) == 0)
            #expect(try await world.memberships(world.till) == 0)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.ticket WHERE login = $1", [.text(world.till)])
                    == 0)
            #expect(try await world.backendEnds(till.backendPID))
            await till.close()
        }
    }

    @Test func aServiceEntersOnlyWhenItWasRegisteredForIt() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            let token = try await till.token("acme")
            let refusal = try await till.value("SELECT refusal FROM piste.enter($1)", [.text(token.text)])
            #expect(refusal.hasPrefix("not_allowed: "))
            #expect(refusal.contains("piste.ticket") && refusal.contains("--sessions"))
            #expect(await till.sqlState("SELECT * FROM users") == "42P01")
            let bob = try await world.connect(world.bob)
            try await bob.query("SELECT * FROM piste.add_operator($1, 'service', true)", [.text(world.till)])
            #expect(try await till.enter(token.text) == nil)
            try await till.declare()
            #expect(try await till.count("users") == EngineWorld.users)
            // In a context it uses no ticket: the role is not of the ticket's making.
            #expect(await till.sqlState("SELECT piste.ticket('globex', 'users.read', 'users')") == "PT409")
            try await till.query("SELECT piste.leave()")
            try await world.expectTickets(till, "globex")
            #expect(
                await bob.sqlState("SELECT piste.add_operator($1, 'viewer', true)", [.text(world.carol)])
                    == "PT400")
            // Taken back, its contexts end.
            #expect(try await till.enter(try await till.token("acme").text) == nil)
            try await bob.query("SELECT * FROM piste.add_operator($1, 'service')", [.text(world.till)])
            #expect(try await world.backendEnds(till.backendPID))
            await bob.close()
            await till.close()
        }
    }
}
