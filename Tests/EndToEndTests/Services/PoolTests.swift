import FoundationEssentials
import Postgres
import TestSupport
import Testing

/// An application's backend with a pool of sessions: whatever a request did, the next one sees its own company only.
@Suite(.enabled(if: Script.python != nil, "needs psycopg2 (Debian's python3-psycopg2)"))
struct PoolTests {
    private struct Counts: Decodable {
        var requests, rows, foreign, leaked, empty, writes, crashed, dirty, expired, bare: Int
    }

    @Test func neverMixesTwoCompaniesInOnePool() async throws {
        try await ServiceWorld.run { world in
            let rounds = 750
            let run = try await Script.run(
                "pool.py", [world.dsn(world.shop), world.dsn("postgres"), "\(rounds)"])
            #expect(run.status == 0, "\(run.errors)")
            let counts = try JSONDecoder().decode(Counts.self, from: Data(run.output.utf8))
            #expect(counts.foreign == 0)
            #expect(counts.leaked == 0)
            #expect(counts.empty == 0)
            // It really read, wrote, crashed, and handed back what it should not have.
            let (careful, careless) = (2 * rounds, 2 * ((rounds + 2) / 3))
            #expect(counts.requests == careful + careless)
            #expect(counts.crashed == careful / 5)
            #expect(counts.expired >= careless / 6)
            #expect(counts.dirty > careless / 2)
            #expect(counts.bare > 0)
            #expect(counts.rows == ServiceWorld.users * (careful + counts.dirty))
            for company in ["acme", "globex"] { try await check(company, counts, in: world) }
        }
    }

    /// Every write is recorded with what was there before and after, every read before it, and nothing else remains.
    private func check(_ company: String, _ counts: Counts, in world: ServiceWorld) async throws {
        let home = try await world.home(company)
        let values = RecordedValues.table(of: home)
        #expect(
            try await world.number(
                """
                SELECT count(*) FROM piste_test.trail('\(home)') t JOIN \(values) v ON v.entry = t.id
                WHERE t.action = 'users.update' AND t.resource = 'users/2'
                  AND t.context IS NOT NULL AND t.actor = '\(world.shop)' AND v.content::jsonb -> 'old' ? 'name'
                  AND v.content::jsonb -> 'new' ->> 'name' ~ '^\(company) [0-9]+$'
                """) == counts.writes / 2)
        #expect(
            try await world.number(
                "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = 'users.read'")
                >= (counts.requests - counts.expired) / 2)
        // What a crash rolled back left neither a row nor a record, nor values of one.
        #expect(try await world.number("SELECT count(*) FROM \(home).users WHERE locale = 'xx'") == 0)
        #expect(
            try await world.number(
                "SELECT count(*) FROM piste_test.trail('\(home)') WHERE detail -> 'columns' ? 'locale'") == 0)
        #expect(
            try await world.number(
                "SELECT count(*) FROM \(values) WHERE content::jsonb -> 'new' ->> 'locale' = 'xx'") == 0)
        #expect(
            try await world.number("SELECT count(*) FROM piste.verify_audit('\(company)') WHERE ok") == 1)
    }

    /// The rows are there, in a declaration that a busy machine has not outlived.
    private func expectRows(_ session: Connection) async throws {
        #expect(
            try await eventually {
                try await session.query("SELECT piste.declare('users.read', 'users')")
                return try await session.query("SELECT id FROM users").count == ServiceWorld.users
            })
    }

    @Test func gatesTheServiceAsEverybodyElse() async throws {
        try await ServiceWorld.run { world in
            let shop = try await world.database.connect(as: world.shop)
            let token = try await shop.query("SELECT token FROM piste.generate_context_token('acme')")[0]
                .string(0)
            let entered = try await shop.query("SELECT * FROM piste.enter($1)", [.text(token)])[0]
            #expect(try entered.string("purpose") == "service")
            #expect(try entered.string("access") == "read+write")
            // A write needs its declaration as a read does.
            let change = "UPDATE users SET name = 'Changed' WHERE id = 1"
            let refused = await #expect(throws: PostgresError.self) { try await shop.query(change) }
            #expect(refused?.sqlState == "PT403")
            try await shop.query("SELECT piste.declare('users.write', 'users')")
            #expect(try await shop.query(change).affected == 1)
            // Rows in a held cursor would outlive the context in whatever session comes next.
            try await shop.query("DECLARE held CURSOR WITH HOLD FOR SELECT id FROM users")
            #expect(try await shop.query("FETCH ALL FROM held").count == 0)
            try await shop.query("CLOSE held")
            try await expectRows(shop)
            // Its name says which context it is in; without it, the gate is shut, and open again with it.
            let name = try await shop.query("SHOW application_name")[0].string(0)
            try await shop.query("SET application_name = 'else'")
            #expect(try await shop.query("SELECT id FROM users").count == 0)
            try await shop.query("SELECT set_config('application_name', $1, false)", [.text(name)])
            try await expectRows(shop)
            try await shop.query("SELECT piste.leave()")
            #expect(try await shop.query("SHOW application_name")[0].string(0) == "piste")
            await shop.close()
        }
    }
}
