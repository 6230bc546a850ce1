import Postgres
import TestSupport
import Testing

extension EngineWorld {
    /// Three seconds are what the engine promises to anybody who waits; a busy machine gets some more of them here, and what
    /// is held for good fails all the same.
    static let patience = 8

    /// Lets each statement of a bystander fail that waits for longer than a busy machine explains.
    func limitPatience(_ bystander: Connection) async throws {
        try await bystander.query("SET statement_timeout = '\(Self.patience)s'")
    }

    /// Does what others do every day, and what an admin does in need, while somebody stands in the way.
    ///
    /// Every call is answered in time, and does what it does. A sweeper looks once a second meanwhile, as one always does.
    func expectUnhindered(by attacker: String, _ attack: String) async throws {
        let sweeper = Task { [database] in
            let connection = try await database.superuser()
            defer { Task { await connection.close() } }
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                _ = await connection.sqlState("SELECT * FROM piste.sweep()")
            }
        }
        defer { sweeper.cancel() }
        try await inTime("enters and reads", as: alice, during: attack) { (alice: Connection) async throws in
            try await self.enterAndRead("acme", alice)
        }
        try await inTime("serves", as: shop, during: attack) { (shop: Connection) async throws in
            #expect(try await shop.enter(try await shop.token("acme").text) == nil)
            try await self.expectReading(shop)
            #expect(try await shop.query("UPDATE users SET status = status").affected == Self.users)
            try await shop.query("SELECT piste.leave()")
        }
        try await inTime("sweeps", as: alice, during: attack) { (alice: Connection) async throws in
            try await alice.query("SELECT * FROM piste.sweep()")
        }
        try await inTime("suspends and resumes", as: bob, during: attack) { (bob: Connection) async throws in
            #expect(try await bob.refusal("suspend_company('acme')") == nil)
            #expect(try await bob.refusal("resume_company('acme')") == nil)
        }
        if attacker != bob {
            try await inTime("removes and adds", as: bob, during: attack) { (bob: Connection) async throws in
                #expect(try await bob.refusal("remove_operator('\(attacker)')") == nil)
                #expect(try await bob.refusal("add_operator('\(attacker)', 'viewer')") == nil)
            }
        }
        try await inTime("enters and reads afterwards", as: alice, during: attack) {
            (alice: Connection) async throws in
            try await self.enterAndRead("acme", alice)
        }
    }

    private func enterAndRead(_ company: String, _ connection: Connection) async throws {
        #expect(try await connection.enter(try await connection.token(company).text) == nil)
        try await expectReading(connection)
        try await connection.query("SELECT piste.leave()")
    }

    /// Runs a bystander's work over a connection of its own, each statement of which must end in time.
    private func inTime(
        _ what: String, as login: String, during attack: String, _ work: (Connection) async throws -> Void
    ) async throws {
        do {
            let connection = try await connect(login)
            try await limitPatience(connection)
            do {
                try await work(connection)
            } catch let error as PostgresError {
                Issue.record("\(attack): \(login) \(what): \(error)")
            }
            await connection.close()
        } catch let error as PostgresError {
            Issue.record("\(attack): \(login) cannot connect: \(error)")
        }
    }
}
