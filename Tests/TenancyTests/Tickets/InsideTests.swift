import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// The library for services: a pool, one transaction a request, rows of any table.
struct InsideTests {
    private struct Person: Decodable, Sendable, Equatable {
        enum Status: String, Decodable { case active, invited, suspended }
        var id: Int
        var email: String
        var status: Status
        var createdAt: Date
        var lastSeenAt: Date?
    }

    private func client(_ world: EngineWorld, connections: Int = 4) async throws -> TenancyClient {
        try await TenancyClient.connect(world.database.settings(user: world.till), connections: connections)
    }

    @Test func rowsOfAnyTable() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world)
            let people = try await piste.inside("acme", "users", readOnly: true) {
                try await $0.rows("SELECT * FROM users WHERE id <= $1 ORDER BY id", 3, as: Person.self)
            }
            #expect(people.map(\.email) == (1...3).map { "u\($0)@acme.example" })
            #expect(people.allSatisfy { $0.status == .active && $0.lastSeenAt == nil })
            #expect(abs(people[0].createdAt.timeIntervalSinceNow) < 600)
            let row = try await piste.inside("acme", "users", "journeys", "journey_steps") { tenant in
                let new = try await tenant.insert(
                    into: "users",
                    ["email": "grace@acme.example", "name": .text("Grace"), "last_seen_at": .moment(.now)])
                #expect(try new.integer("id") > 0)
                #expect(
                    try await tenant.update(
                        "users", ["name": "Grace Hopper"], where: ["id": .integer(new.integer("id"))]) == 1)
                #expect(try await tenant.delete(from: "users", where: ["email": "u1@acme.example"]) == 1)
                return new
            }
            #expect(row["email"] == "grace@acme.example" && row["nothing"] == nil)
            #expect(try row.optionalMoment("last_seen_at") != nil)
            #expect(throws: TenancyError.self) { try row.integer("email") }
            let names = try await piste.inside("acme", "users", readOnly: true) {
                try await $0.rows(
                    "SELECT name FROM users WHERE email IN ('grace@acme.example', 'u1@acme.example')"
                )
                .map { $0["name"] }
            }
            #expect(names == ["Grace Hopper"])
            await piste.close()
        }
    }

    @Test func pagesOverAnyKey() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world)
            for descending in [false, true] {
                var (emails, place): ([String], RowKey?) = ([], nil)
                repeat {
                    // The place goes out to the caller and comes back as text.
                    let link = place?.description
                    let page = try await piste.inside("acme", "users", readOnly: true) {
                        try await $0.page(
                            of: "users", by: ["name", "id"], after: link.flatMap { RowKey($0) },
                            descending: descending,
                            limit: 7)
                    }
                    emails += page.rows.compactMap { $0["email"] }
                    place = page.next
                } while place != nil
                let expected = (1...EngineWorld.users).map { "u\($0)@acme.example" }
                #expect(emails == (descending ? expected.reversed() : expected))
            }
            #expect(RowKey("not a place!") == nil)
            let odd = RowKey(["é.ü", "", "7"])
            #expect(RowKey(odd.description) == odd)
            await piste.close()
        }
    }

    @Test func usersAndJourneysAsInAContext() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world)
            let (users, journeys) = try await piste.inside(
                "globex", "users", "journeys", "journey_steps", readOnly: true
            ) { tenant in
                (try await tenant.users(matching: "u1"), try await tenant.journeys())
            }
            #expect(users.rows.count == 11 && users.rows.allSatisfy { $0.email.hasSuffix("@globex.example") })
            #expect(journeys.rows.count == 5)
            // What the ticket does not name is an error here, and no empty list.
            let error = await #expect(throws: TenancyError.self) {
                try await piste.inside("globex", "users") { _ = try await $0.journeys() }
            }
            #expect(error?.code == .invalid && error?.message.contains("journeys") == true)
            await piste.close()
        }
    }

    @Test func itCommitsOrRollsBackAndTheRecordStands() async throws {
        struct Broken: Error {}
        try await EngineWorld.run { world in
            let piste = try await client(world, connections: 1)
            await #expect(throws: Broken.self) {
                try await piste.inside("acme", "users", action: "users.break") { tenant in
                    try await tenant.execute("UPDATE users SET name = 'Nobody'")
                    throw Broken()
                }
            }
            #expect(
                try await world.owner.number("SELECT count(*) FROM \(world.acme).users WHERE name = 'Nobody'")
                    == 0)
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.entry WHERE action = 'users.break'")
                    == 1)
            // A failed statement that the body swallowed fails the whole.
            let error = await #expect(throws: TenancyError.self) {
                try await piste.inside("acme", "users") { tenant in
                    try await tenant.execute("UPDATE users SET locale = 'de' WHERE id = 1")
                    _ = try? await tenant.rows("SELECT 1 / 0")
                }
            }
            #expect(error != nil)
            #expect(
                try await world.owner.number("SELECT count(*) FROM \(world.acme).users WHERE locale = 'de'")
                    == 0)
            // A body that asks for nothing uses no ticket.
            try await piste.inside("acme", "users", action: "users.nothing") { _ in }
            #expect(
                try await world.owner.number(
                    """
                    SELECT count(*) FROM piste.ticket t JOIN piste.entry e ON e.context = t.id
                    WHERE e.action = 'users.nothing' AND t.used IS NULL
                    """) == 1)
            // The server's own words, with what to do.
            let missing = await #expect(throws: TenancyError.self) {
                try await piste.inside("acme", "users") { _ = try await $0.rows("SELECT * FROM nowhere") }
            }
            #expect(missing?.code == .invalid && missing?.sqlState == "42P01")
            let refused = await #expect(throws: TenancyError.self) {
                try await piste.inside("nowhere", "users") { _ in }
            }
            #expect(refused?.refusalCode == "unknown_company")
            await piste.close()
        }
    }

    @Test func whatTheBodySetIsGoneForTheNext() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world, connections: 1)
            try await piste.inside("acme", "users") { tenant in
                for sql in [
                    "SET ROLE \(world.acme)_writer", "SET search_path = \(world.acme.windows)",
                    "SET my.secret = 'u1@acme.example'",
                    "SET default_transaction_read_only = on", "PREPARE p AS SELECT email FROM users",
                    "LISTEN x",
                ] { try await tenant.execute(sql) }
            }
            try await piste.inside("globex", "users") { tenant in
                let row = try await tenant.rows(
                    """
                    SELECT current_user AS who, current_setting('my.secret', true) AS secret,
                        (SELECT count(*) FROM pg_prepared_statements) AS prepared, min(email) AS email FROM users
                    """)[0]
                #expect(row["who"] == "\(world.globex)_writer")
                #expect((row["secret"] ?? "").isEmpty && row["prepared"] == "0")
                #expect(row["email"] == "u10@globex.example")
            }
            await piste.close()
        }
    }

    @Test func whoFindsAllConnectionsInUseWaitsInTurn() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world, connections: 1)
            let (started, go) = (Door(), Door())
            async let first: Void = piste.inside("acme", "users") { tenant in
                _ = try await tenant.rows("SELECT 1")
                await started.open()
                await go.pass()
            }
            await started.pass()
            let error = await #expect(throws: TenancyError.self) {
                try await piste.inside("acme", "users", patience: .milliseconds(200)) { _ in }
            }
            #expect(error?.code == .deadlineExceeded)
            let order = Order()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...4 {
                    group.addTask {
                        try await piste.inside("acme", "users") { _ in await order.note(number) }
                    }
                    try await Task.sleep(for: .milliseconds(60))
                }
                await go.open()
                try await group.waitForAll()
            }
            #expect(await order.numbers == [1, 2, 3, 4])
            try await first
            await piste.close()
            let closed = await #expect(throws: TenancyError.self) {
                try await piste.inside("acme", "users") { _ in }
            }
            #expect(closed?.code == .unreachable)
        }
    }

    @Test func brokenConnectionsAreReplaced() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world, connections: 2)
            for _ in 1...3 {
                #expect(try await emails(piste) == EngineWorld.users)
                // Behind the pool's back.
                try await world.owner.query(
                    """
                    SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
                    WHERE usename = $1 AND backend_start > (
                        SELECT min(backend_start) FROM pg_stat_activity WHERE usename = $1)
                    """, [.text(world.till)])
            }
            #expect(try await emails(piste) == EngineWorld.users)
            // In the midst of a request the request fails, and the next one does not.
            await #expect(throws: TenancyError.self) {
                try await piste.inside("acme", "users") { tenant in
                    let pid = try await tenant.rows("SELECT pg_backend_pid() AS pid")[0].integer("pid")
                    try await world.owner.query("SELECT pg_terminate_backend(\(pid), 2000)")
                    _ = try await tenant.rows("SELECT 1")
                }
            }
            #expect(try await emails(piste) == EngineWorld.users)
            await piste.close()
        }
    }

    @Test func twoCompaniesOnOnePool() async throws {
        try await EngineWorld.run { world in
            let piste = try await client(world, connections: 3)
            let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var wrong = 0
                        for round in 0..<50 {
                            let company = (worker + round).isMultiple(of: 2) ? "acme" : "globex"
                            let emails = try await piste.inside(company, "users", readOnly: true) {
                                try await $0.rows("SELECT email FROM users").compactMap { $0["email"] }
                            }
                            if emails.count != EngineWorld.users
                                || !emails.allSatisfy({ $0.hasSuffix("@\(company).example") })
                            {
                                wrong += 1
                            }
                        }
                        return wrong
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wrong == 0)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", [.text(world.till)]) <= 4)
            await piste.close()
        }
    }

    private func emails(_ piste: TenancyClient) async throws -> Int {
        try await piste.inside("acme", "users", readOnly: true) {
            try await $0.rows("SELECT email FROM users").count
        }
    }
}

/// Notes who came when.
private actor Order {
    private(set) var numbers: [Int] = []
    func note(_ number: Int) { numbers.append(number) }
}

/// Is shut until somebody opens it.
private actor Door {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}
