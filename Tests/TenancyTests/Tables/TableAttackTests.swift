import Postgres
import Tenancy
import TestSupport
import Testing

/// Looks at tables by those who want more than they are given; each beside one that is given what is theirs.
struct TableAttackTests {
    @Test("Whatever is typed stays a value or a name: no filter, column, sort or place becomes SQL")
    func injection() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look(as: world.carol)
            let things = try #require(tables["things"])
            let hostile = [
                "' OR true --", "\"; DROP TABLE users; --", "1) OR (1=1", "$1", "'; SELECT pg_sleep(9); --",
                "\\'", "{}",
                "%' OR '1'='1", "\u{0}", "id\" FROM pg_class --",
            ]
            for text in hostile {
                for (what, attempt) in [
                    (
                        "column",
                        { () async throws(TenancyError) in
                            _ = try await session.rows(of: things, columns: [text])
                        }
                    ),
                    (
                        "sort",
                        { () async throws(TenancyError) in _ = try await session.rows(of: things, sort: text)
                        }
                    ),
                    (
                        "frequency",
                        { () async throws(TenancyError) in
                            _ = try await session.frequency(of: text, in: things)
                        }
                    ),
                    (
                        "place",
                        { () async throws(TenancyError) in
                            _ = try await session.rows(of: things, PageRequest(.after(RowPlace([text]))))
                        }
                    ),
                    (
                        "key",
                        { () async throws(TenancyError) in
                            _ = try await session.row(of: things, key: [text])
                        }
                    ),
                ] as [(String, () async throws(TenancyError) -> Void)] {
                    #expect(await failure(attempt)?.code == .invalid, "\(what) \(text.debugDescription)")
                }
                for condition in [
                    RowCondition(nil, .contains(text)), RowCondition("word", .equals(text)),
                    RowCondition("word", .isLess("\u{1}"), isInverse: false),
                ] where !text.contains("\u{0}") {
                    let rows = try await session.rows(of: things, matching: RowFilter([condition])).rows
                    #expect(rows.count < 4, "\(condition)")
                }
            }
            // The rows are still there, and a name that needs quotes is a name like another.
            let odd = try await session.rows(
                of: things, matching: RowFilter([RowCondition("odd \"name", .equals("odd"))]),
                columns: ["odd \"name"], sort: "odd \"name")
            #expect(odd.rows.map { $0.values.map(\.text) } == [["odd"]])
            #expect(try await world.owner.count("\(world.acme).users") == EngineWorld.users)
            await session.leave()
        }
    }

    @Test("A redacted column cannot be read, asked for, sorted by or counted; who may see it, can")
    func redacted() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look()
            let keys = try #require(tables["keys"])
            for attempt in [
                { () async throws(TenancyError) in _ = try await session.rows(of: keys, columns: ["secret"])
                },
                { () async throws(TenancyError) in _ = try await session.rows(of: keys, sort: "secret") },
                { () async throws(TenancyError) in _ = try await session.frequency(of: "secret", in: keys) },
                { () async throws(TenancyError) in
                    _ = try await session.rows(
                        of: keys, matching: RowFilter([RowCondition("secret", .contains("s3"))]))
                },
                { () async throws(TenancyError) in _ = try RowFilter("secret:s3", for: keys) },
            ] as [() async throws(TenancyError) -> Void] {
                #expect(await failure(attempt)?.code == .invalid)
            }
            let all = try await session.rows(of: keys).rows
            #expect(
                all.count == 3 && !all.contains { $0.values.contains { $0.text?.contains("s3cret") == true } }
            )
            let anywhere = try await session.rows(
                of: keys, matching: RowFilter([RowCondition(nil, .contains("s3"))]))
            #expect(anywhere.rows.isEmpty)
            await session.leave()
            let (shop, theirs) = try await world.look(as: world.shop)
            let seen = try await shop.rows(
                of: try #require(theirs["keys"]), matching: RowFilter([RowCondition(nil, .contains("s3"))]))
            #expect(seen.rows.count == 3)
            await shop.leave()
        }
    }

    @Test(
        "The statements give nothing while nothing is declared, nothing of another company, and nothing after the end"
    )
    func gate() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            // The same shape of question by a raw login, in a context, undeclared: no rows.
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let question = "SELECT count(*) FROM (SELECT t.\"id\" AS c0 FROM \"things\" t LIMIT 51) q"
            #expect(try await alice.number(question) == 0)
            try await alice.query("SELECT piste.declare('rows.read', 'things')")
            #expect(try await alice.number(question) == 4)
            #expect(try await alice.number("SELECT count(*) FROM lines") == 0)
            await alice.close()

            let other = try await world.session("globex")
            #expect(try await other.tables().map(\.name) == ["journey_steps", "journeys", "users"])
            let (mine, tables) = try await world.look()
            let things = try #require(tables["things"])
            let foreign = await failure { () async throws(TenancyError) in
                _ = try await other.rows(of: things)
            }
            #expect(foreign != nil)
            let users = try #require(tables["users"])
            let rows = try await other.rows(of: users, columns: ["email"], PageRequest(limit: 100)).rows
            #expect(rows.count == EngineWorld.users)
            #expect(rows.allSatisfy { $0.values[0].text?.hasSuffix("@globex.example") == true })
            await other.leave()

            #expect(try await mine.rows(of: users).rows.count == EngineWorld.users)
            let bob = try await world.client(world.bob)
            try await bob.endContext(mine.context.jti, why: "enough")
            #expect(
                await failure { () async throws(TenancyError) in _ = try await mine.rows(of: users) } != nil)
            #expect(await failure { () async throws(TenancyError) in _ = try await mine.tables() } != nil)
            await mine.leave()
            await bob.close()
        }
    }
}
