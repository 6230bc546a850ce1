import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// A newer PostgreSQL, by `pg_upgrade` and by a dump with the cluster's roles; then `piste init`, once.
struct UpgradeTests {
    @Test("pg_upgrade takes everything along, and piste init mends the roles", arguments: Release.upgrades)
    func upgrades(from old: Release, to new: Release) async throws {
        try await ReleaseServer.run(old, before: new) { server in
            let before = try await MovedHouse.fill(server)
            // Alice stays in a company: her membership moves along, and nobody is there to end it.
            let alice = try await server.connect(as: "alice")
            let token = try await alice.query("SELECT token FROM piste.generate_context_token('acme')")[0]
                .string(0)
            try await alice.query("SELECT piste.enter($1)", [.text(token)])
            let owner = try await server.connect()
            // A release may keep in its columns what the next one does not know: then no table at all can be upgraded.
            let stray = try await owner.query(
                "SELECT DISTINCT split_part(o, '=', 1) FROM pg_attribute, unnest(attoptions) AS o WHERE o LIKE 'pg\\_%'"
            )
            await owner.close()
            await alice.close()
            guard stray.isEmpty else {
                print(
                    "pg_upgrade from \(old) to \(new) is left out: this \(old) marks its columns as \(new) cannot read"
                )
                return
            }
            let house = MovedHouse(server: try await before.server.upgraded(to: new))
            try await Self.mend(house, from: old)
            try? await house.server.stop()
        }
    }

    @Test("A dump with the cluster's roles does too", arguments: Release.moves)
    func dumps(from old: Release, to new: Release) async throws {
        try await ReleaseServer.run(old) { server in
            _ = try await MovedHouse.fill(server)
            try await server.dump()
            try await ReleaseServer.run(new) { other in
                try await other.restore(from: server)
                try await Self.mend(MovedHouse(server: other), from: old)
            }
        }
    }

    /// `piste init` once, and all is as before; before that, doctor names what it is for.
    private static func mend(_ house: MovedHouse, from old: Release) async throws {
        let lost = try await house.piste("doctor")
        #expect(lost.status == 1 && lost.narration.contains("piste init"), "\(lost)")
        // What came with 16 is told once, with its mend.
        let isMade = old.version >= 16
        #expect(lost.output.contains("256 makers of roles are missing, from piste_") != isMade, "\(lost)")
        #expect(lost.narration.contains("roles.createrole: piste init") != isMade, "\(lost)")
        let mended = try await house.piste(as: RunningCluster.superuser, "init")
        #expect(mended.status == 0, "\(mended)")
        let doctor = try await house.piste("doctor")
        #expect(doctor.status == 0, "\(doctor)")
        let standing = try await house.server.connect()
        let members = try await standing.query(
            """
            SELECT m.roleid::regrole::text || ' ' || m.member::regrole::text FROM pg_auth_members m
            WHERE m.roleid::regrole::text ~ '^t_' AND m.member::regrole::text !~ '^piste_roles'
              AND NOT EXISTS (
                SELECT FROM piste.lease l JOIN piste.company k ON k.id = l.company
                WHERE l.login = m.member::regrole::text AND k.schema_name || '_writer' = m.roleid::regrole::text)
            """
        )
        .map { try $0.string(0) }
        #expect(members.isEmpty, "\(members)")
        await standing.close()
        try await house.expectSound()
    }
}
