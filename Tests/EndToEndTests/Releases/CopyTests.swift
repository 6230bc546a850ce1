import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// A copy of a database in the same cluster: it has the same roles' names, and neither uses nor harms the original's.
struct CopyTests {
    enum Way: String, CaseIterable, Sendable {
        case template, restore
    }

    /// Each release and each way; every pair with `PISTE_TEST_EVERY` set.
    private static let places =
        Release.every
        ? Release.all.flatMap { release in Way.allCases.map { (release, $0) } }
        : Release.all.enumerated().map { ($1, Way.allCases[$0 % 2]) }

    @Test("A copy lives beside its original, whatever is done in either", arguments: places)
    func copies(release: Release, way: Way) async throws {
        try await ReleaseServer.run(release) { server in
            let house = try await MovedHouse.fill(server)
            try await house.copy(way)

            // Alice is in the original, at work, while things happen in the copy.
            let alice = try await server.connect(as: "alice")
            let token = try await alice.query("SELECT token FROM piste.generate_context_token('acme')")[0]
                .string(0)
            try await alice.query("SELECT piste.enter($1)", [.text(token)])
            for words in [
                ["users", "acme"], ["sweep"],
                ["company", "delete", "acme", "--without-export", "--confirm", "acme"],
                ["operator", "remove", "alice"], ["company", "suspend", "acme"],
            ] {
                let tried = try await Piste.run(words + ["--database", server.url("bob", "copy")])
                if words[0] == "users" || words[0] == "sweep" || words[1] == "delete" {
                    #expect(tried.status == 1, "\(words): \(tried)")
                    #expect(tried.narration.contains("copy of another one"), "\(words): \(tried)")
                    #expect(tried.narration.contains("piste init"), "\(words): \(tried)")
                }
            }
            try await Self.expectReading(alice)

            let settled = try await house.piste(as: RunningCluster.superuser, "init", database: "copy")
            #expect(settled.status == 0, "\(settled)")
            for (login, level) in MovedHouse.operators where login != "bob" {
                _ = try await house.piste("operator", "add", login, "--level", level, database: "copy")
            }
            _ = try await house.piste("company", "resume", "acme", database: "copy")
            try await house.expectReading(in: "copy")
            // The token of the original opens nothing here.
            let thief = try await server.connect(as: "alice", to: "copy")
            let refused = try await thief.query("SELECT refusal FROM piste.enter($1)", [.text(token)])[0]
            #expect(try !refused.isNull(0))
            await thief.close()
            let doctor = try await house.piste("doctor", database: "copy")
            #expect(doctor.status == 0, "\(doctor)")
            let deleted = try await house.piste(
                "company", "delete", "acme", "--without-export", "--confirm", "acme", database: "copy")
            #expect(deleted.status == 0, "\(deleted)")

            try await Self.expectReading(alice)
            await alice.close()
            try await house.expectSound()
        }
    }

    @Test("The original may go, and the copy takes its place", arguments: Release.all)
    func outlives(release: Release) async throws {
        try await ReleaseServer.run(release) { server in
            let house = try await MovedHouse.fill(server)
            try await house.copy(.template)
            let keeper = try await server.connect(to: "postgres")
            try await keeper.query("DROP DATABASE \(RunningCluster.database) WITH (FORCE)")
            await keeper.close()
            let settled = try await house.piste(as: RunningCluster.superuser, "init", database: "copy")
            #expect(settled.status == 0, "\(settled)")
            try await house.expectSound(in: "copy")
        }
    }

    @Test("A copy that takes the original's name is a copy still", arguments: Release.all)
    func takesTheName(release: Release) async throws {
        try await ReleaseServer.run(release) { server in
            let house = try await MovedHouse.fill(server)
            try await house.copy(.template)
            let keeper = try await server.connect(to: "postgres")
            try await keeper.query("ALTER DATABASE \(RunningCluster.database) RENAME TO moved")
            try await keeper.query("ALTER DATABASE copy RENAME TO \(RunningCluster.database)")
            await keeper.close()
            let shop = try await server.connect(as: "shop")
            let refused = await #expect(throws: PostgresError.self) {
                try await shop.query("SELECT ticket FROM piste.ticket('acme', 'users.read', 'users')")
            }
            #expect(refused?.sqlState == "PT426", "\(String(describing: refused))")
            await shop.close()
            try await house.expectReading(in: "moved")
        }
    }

    private static func expectReading(_ alice: Connection) async throws {
        try await alice.query("SELECT piste.declare('users.read', 'users')")
        #expect(try await alice.query("SELECT count(*) FROM users")[0].int(0) == MovedHouse.users)
    }
}

extension MovedHouse {
    /// Makes the database `copy`.
    func copy(_ way: CopyTests.Way) async throws {
        let keeper = try await server.connect(to: "postgres")
        switch way {
        case .template:
            try await keeper.query(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(RunningCluster.database)'"
            )
            try await keeper.query("CREATE DATABASE copy TEMPLATE \(RunningCluster.database)")
        case .restore:
            try await keeper.query("CREATE DATABASE copy")
            let dump = server.ownPath("copy.dump")
            let source = ["-h", server.ownPath(""), "-U", RunningCluster.superuser]
            try await server.program("pg_dump", source + ["-Fc", "-f", dump, RunningCluster.database])
            try await server.program("pg_restore", source + ["-d", "copy", "--exit-on-error", dump])
        }
        await keeper.close()
    }
}
