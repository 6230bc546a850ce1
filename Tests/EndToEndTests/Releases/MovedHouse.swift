import Foundation
import LocalCluster
import Postgres
import Tenancy
import TestSupport
import Testing

/// A server with the engine, operators, a company with rows, and Alice in the middle of a context: what a move takes along.
struct MovedHouse {
    let server: ReleaseServer

    static let users = 3
    static let operators = ["bob": "admin", "alice": "support", "shop": "service"]

    /// Fills the server's database.
    static func fill(_ server: ReleaseServer) async throws -> MovedHouse {
        let house = MovedHouse(server: server)
        let installed = try await house.piste(as: RunningCluster.superuser, "init", "--admin", "bob")
        #expect(installed.status == 0, "\(installed)")
        for (login, level) in operators where login != "bob" {
            let added = try await house.piste("operator", "add", login, "--level", level)
            #expect(added.status == 0, "\(added)")
        }
        for name in ["acme", "globex"] {
            let made = try await house.piste(
                "company", "create", name, "--url-id", name, "--auth-provider", "okta")
            #expect(made.status == 0, "\(made)")
        }
        let owner = try await server.connect()
        _ = try await LoadedRows.load(into: "acme", on: owner)
        await owner.close()
        try await house.expectReading()
        return house
    }

    func piste(as login: String = "bob", _ arguments: String..., database: String = RunningCluster.database)
        async throws
        -> Piste.Outcome
    {
        try await Piste.run(
            arguments + ["--database", server.url(login, database)], deadline: .seconds(600))
    }

    /// A person reads, and a service.
    func expectReading(in database: String = RunningCluster.database) async throws {
        let read = try await piste(as: "alice", "users", "acme", "--format", "json", database: database)
        #expect(read.status == 0, "\(read)")
        if read.status == 0 { #expect(try read.objects().count == Self.users) }
        let shop = try await server.connect(as: "shop", to: database)
        let ticket = try await shop.query(
            "SELECT ticket::text, refusal FROM piste.ticket('acme', 'users.read', 'users')")[0]
        #expect(try ticket.isNull("refusal"))
        if let id = try ticket.optionalString("ticket") {
            try await shop.query("BEGIN")
            try await shop.query("SELECT piste.use($1::uuid)", [.text(id)])
            #expect(try await shop.query("SELECT count(*) FROM users")[0].int(0) == Self.users)
            try await shop.query("COMMIT")
        }
        await shop.close()
    }

    /// Everything that an admin does, and every check of the catalogs.
    func expectSound(in database: String = RunningCluster.database) async throws {
        try await expectReading(in: database)
        for words in [
            ["sweep"], ["audit", "verify", "acme"],
            ["company", "create", "New", "--url-id", "new", "--auth-provider", "okta"],
            ["operator", "add", "carol", "--level", "viewer"], ["operator", "remove", "carol"],
            ["company", "delete", "globex", "--without-export", "--confirm", "globex"],
        ] {
            let done = try await Piste.run(words + ["--database", server.url("bob", database)])
            #expect(done.status == 0, "\(words): \(done)")
        }
        let bob = try await server.connect(as: "bob", to: database)
        let failed = try await bob.query(
            "SELECT id || ': ' || evidence FROM piste.isolation_report() WHERE NOT passed"
        )
        .map { try $0.string(0) }
        #expect(failed.isEmpty, "\(failed)")
        await bob.close()
    }
}
