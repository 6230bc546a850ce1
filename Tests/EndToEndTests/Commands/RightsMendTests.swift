import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// What a restore or a hand took from the engine and its companies' roles: named with what mends it, and mended by that.
struct RightsMendTests {
    private func doctor(_ url: String) async throws -> Piste.Outcome {
        try await Piste.run(["doctor", "--format", "json", "--database", url])
    }

    private func finding(_ outcome: Piste.Outcome, _ subject: String) throws -> String? {
        try outcome.objects().first {
            $0["subject"] as? String == subject && $0["state"] as? String != "good"
        }
        .map { "\($0["what"] ?? "") → \($0["mend"] ?? "")" }
    }

    private func url(_ database: TestDatabase, _ login: String = RunningCluster.superuser) -> String {
        "postgresql://\(login)@/\(database.name)?host=\(database.cluster.socketDirectory)"
    }

    @Test func aRestoreWithoutWhatTheDatabaseGrantsNamesInit() async throws {
        try await ProofCommandWorld.run { world in
            try await withTestDatabase(in: .careful) { copy in
                let dump = world.path("dump.sql")
                for words in [
                    Release.dump + ["-f", dump, url(world.database)],
                    ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", dump, url(copy)],
                ] {
                    let run = try await Piste.run(program: "/usr/bin/env", words)
                    #expect(run.status == 0, "\(run)")
                }
                let lost = try await doctor(url(copy, world.bob))
                let named = try #require(try finding(lost, "database.privileges"))
                #expect(named.contains("may create no schema") && named.contains("piste init"), "\(named)")
                let settings = try #require(try finding(lost, "server.settings"))
                #expect(
                    settings.contains("temp_file_limit") && settings.contains("piste init"), "\(settings)")
                for arguments in [
                    ["prove"], ["company", "create", "New", "--url-id", "new", "--auth-provider", "okta"],
                ] {
                    let refused = try await Piste.run(arguments + ["--database", url(copy, world.bob)])
                    #expect(refused.status == 1 && refused.narration.contains("piste init"), "\(refused)")
                }
                let mended = try await Piste.run(["init", "--database", url(copy)])
                #expect(mended.status == 0, "\(mended)")
                let after = try await doctor(url(copy, world.bob))
                #expect(try finding(after, "database.privileges") == nil, "\(after)")
                #expect(try finding(after, "server.settings") == nil, "\(after)")
                let created = try await Piste.run([
                    "company", "create", "New", "--url-id", "new", "--auth-provider", "okta", "--database",
                    url(copy, world.bob),
                ])
                #expect(created.status == 0, "\(created)")
            }
        }
    }

    @Test func whatACompanysRolesLostIsNamedAndMended() async throws {
        try await ProofCommandWorld.run { world in
            let home = try await world.home()
            let windows = "w" + home.dropFirst()
            for (loss, subject, words) in [
                (
                    // From PostgreSQL 16 on a membership is taken back for whoever granted it.
                    """
                    DO $$ BEGIN EXECUTE (
                        SELECT string_agg(format('REVOKE piste_operators FROM %s GRANTED BY %s',
                            m.member::regrole, m.grantor::regrole), '; ')
                        FROM pg_auth_members m
                        WHERE m.roleid = 'piste_operators'::regrole AND m.member = '\(home)_agent'::regrole); END $$
                    """, "roles.companies", "\(home)_agent is not in"
                ),
                (
                    "REVOKE USAGE ON SCHEMA \(windows) FROM \(home)_reader", "company.grants",
                    "may not be named"
                ),
                (
                    "REVOKE SELECT ON \(windows).users FROM \(home)_writer", "company.grants",
                    "is not granted to \(home)_writer"
                ),
                (
                    "REVOKE UPDATE (status) ON \(windows).users FROM \(home)_agent", "company.grants",
                    "is not granted to \(home)_agent"
                ),
            ] {
                try await world.owner.query(loss)
                let lost = try await doctor(world.url(world.bob))
                #expect(lost.status == 1)
                let named = try #require(try finding(lost, subject), "\(loss): \(lost)")
                #expect(named.contains(words) && named.contains("piste init"), "\(loss): \(named)")
                let mended = try await Piste.run(["init", "--database", url(world.database)])
                #expect(mended.status == 0, "\(mended)")
                let after = try await doctor(world.url(world.bob))
                #expect(after.status == 0, "\(loss): \(after)")
            }
            // It gives, and takes nothing: what is too much stays for the doctor to name.
            try await world.owner.query("GRANT DELETE ON \(windows).users TO \(home)_reader")
            _ = try await Piste.run(["init", "--database", url(world.database)])
            #expect(try finding(try await doctor(world.url(world.bob)), "company.grants") != nil)
            try await world.owner.query("REVOKE DELETE ON \(windows).users FROM \(home)_reader")
            let proved = try await world.prove("awesome")
            #expect(proved.status == 0, "\(proved)")
        }
    }

    @Test func anAdminThatInheritsFindsTheEngineInstalled() async throws {
        try await withTestDatabase { database in
            let owner = try await database.superuser()
            let heir = database.roleName("heir")
            try await owner.query("CREATE ROLE \(heir) LOGIN")
            for _ in 1...2 {
                let refused = try await Piste.run(["init", "--admin", heir, "--database", url(database)])
                #expect(refused.status == 3, "\(refused)")
                #expect(refused.narration.contains("the engine is installed, and \(heir) is no admin yet"))
                #expect(refused.narration.contains("ALTER ROLE \(heir) NOINHERIT"))
                #expect(refused.narration.contains("piste init --admin LOGIN"))
            }
            // Until there is one, the doctor says how to come by one, to a superuser and to a stranger.
            let alone = try await doctor(url(database))
            #expect(alone.status == 1)
            #expect(try finding(alone, "admin")?.contains("piste init --admin LOGIN") == true, "\(alone)")
            let stranger = try await doctor(url(database, heir))
            #expect(
                try finding(stranger, "login")?.contains("piste init --admin LOGIN") == true, "\(stranger)")
            try await owner.query("ALTER ROLE \(heir) NOINHERIT")
            let done = try await Piste.run(["init", "--admin", heir, "--database", url(database)])
            #expect(done.status == 0 && done.narration.contains("\(heir) is an admin."), "\(done)")
            #expect(try finding(try await doctor(url(database)), "admin") == nil)
            await owner.close()
        }
    }
}
