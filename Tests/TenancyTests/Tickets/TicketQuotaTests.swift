import Postgres
import TestSupport
import Testing

/// How much a service may ask for, and that it stops nobody else with it.
struct TicketQuotaTests {
    private func set(_ name: String, _ number: Int, in world: EngineWorld) async throws {
        let answer = try await world.owner.query(
            "SELECT refusal FROM piste.set_setting($1, $2)", [.text(name), .text("\(number)")])
        #expect(try answer[0].isNull("refusal"))
    }

    @Test func ticketsASecond() async throws {
        try await EngineWorld.run { world in
            try await set("ticket_rate", 20, in: world)
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            var refused = ""
            for _ in 1...400 where refused.isEmpty {
                refused = try await till.value(
                    "SELECT refusal FROM piste.ticket('acme', 'users.read', 'users')")
            }
            #expect(refused.hasPrefix("too_many_tickets: "), "\(refused)")
            #expect(refused.contains("again at 2"))
            // Neither another service nor another company is in it.
            #expect(try await shop.ticketRefusal("acme") == nil)
            #expect(try await till.ticketRefusal("globex") == nil)
            try await Task.sleep(for: .seconds(1))
            try await world.expectTickets(till)
            await till.close()
            await shop.close()
        }
    }

    @Test func ticketsThatNobodyUses() async throws {
        try await EngineWorld.run { world in
            try await set("max_unused_tickets", 50, in: world)
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            var made = 0
            var refused: String?
            while refused == nil, made < 400 {
                refused = try await till.ticketRefusal("acme")
                made += 1
            }
            #expect(refused == "too_many_tickets")
            #expect((50...180).contains(made))
            #expect(try await shop.ticketRefusal("acme") == nil)
            #expect(try await till.ticketRefusal("globex") == nil)
            // Used ones do not count.
            try await world.owner.query(
                "UPDATE piste.ticket SET used = '1' WHERE login = $1", [.text(world.till)])
            try await world.expectTickets(till)
            await till.close()
            await shop.close()
        }
    }

    @Test func figuresTellWhoAskedForHowMuch() async throws {
        try await EngineWorld.run { world in
            let (till, shop) = (try await world.connect(world.till), try await world.connect(world.shop))
            for _ in 1...3 { try await world.expectTickets(till) }
            try await world.expectTickets(shop, "globex")
            let bob = try await world.connect(world.bob)
            let rows = try await bob.query("SELECT * FROM piste.ticket_figures()")
            #expect(
                try rows.map {
                    "\(try $0.string("service")) \(try $0.string("company")) \(try $0.int("tickets"))"
                }
                    == ["\(world.till) acme 3", "\(world.shop) globex 1"])
            #expect(try await shop.query("SELECT * FROM piste.ticket_figures()").count == 1)
            let carol = try await world.connect(world.carol)
            #expect(try await carol.refusal("ticket_figures()") == "not_allowed")
            // A minute and a bit later nothing is left of them.
            try await world.owner.query("UPDATE piste.ticket SET made_at = made_at - interval '71 seconds'")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.owner.number("SELECT count(*) FROM piste.ticket") == 0)
            for connection in [till, shop, bob, carol] { await connection.close() }
        }
    }
}
