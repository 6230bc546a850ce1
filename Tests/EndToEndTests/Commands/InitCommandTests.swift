import LocalCluster
import Postgres
import TestSupport
import Testing

/// `piste init`: once, twice, and by somebody who may not.
struct InitCommandTests {
    private func url(_ database: TestDatabase, _ login: String = RunningCluster.superuser) -> String {
        "postgresql://\(login)@/\(database.name)?host=\(database.cluster.socketDirectory)"
    }

    @Test func installsOnceAndUpgradesTwice() async throws {
        try await withTestDatabase { database in
            let admin = database.roleName("first_admin")
            let first = try await Piste.run(["init", "--database", url(database), "--admin", admin])
            #expect(first.status == 0, "\(first)")
            #expect(first.output == "")
            #expect(first.narration.contains("Engine 2.0 is installed in"))
            #expect(first.narration.contains("\(admin) is an admin."))

            let listed = try await Piste.run(["company", "list", "--database", url(database, admin)])
            #expect(listed.status == 0)
            #expect(listed.lines.count == 1, "titles and no row")
            let made = try await Piste.run([
                "company", "create", "Acme", "--url-id", "acme", "--auth-provider", "okta", "--database",
                url(database, admin),
            ])
            #expect(made.status == 0, "\(made)")

            let second = try await Piste.run(["init", "--database", url(database)])
            #expect(second.status == 0, "\(second)")
            #expect(second.narration.contains("(it was 2.0)"))
            let kept = try await Piste.run(["users", "acme", "--database", url(database, admin)])
            #expect(kept.status == 0, "what was there still works: \(kept)")
        }
    }

    @Test func refusesADatabaseOfTheFirstEngineAndDropsNothing() async throws {
        try await withTestDatabase { database in
            let owner = try await database.superuser()
            try await owner.run(
                script: """
                    CREATE SCHEMA piste;
                    CREATE TABLE piste.engine_version (version text, applied_at timestamptz DEFAULT now());
                    INSERT INTO piste.engine_version (version) VALUES ('1.1');
                    CREATE TABLE piste.company (url_id text);
                    INSERT INTO piste.company VALUES ('kept');
                    """)
            let refused = try await Piste.run(["init", "--database", url(database)])
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.narration.contains("engine 1.1, from which there is no upgrade"))
            let kept = try await owner.query("SELECT url_id FROM piste.company").map { try $0.string(0) }
            #expect(kept == ["kept"])
            #expect(try await owner.query("SELECT to_regclass('piste.operator')")[0].isNull(0))
            await owner.close()
        }
    }

    @Test func refusesWhoIsNoSuperuser() async throws {
        try await withTestDatabase { database in
            let owner = try await database.superuser()
            let nobody = database.roleName("nobody")
            try await owner.query("CREATE ROLE \(nobody) LOGIN NOINHERIT")
            let refused = try await Piste.run(["init", "--database", url(database, nobody)])
            #expect(refused.status == 3, "\(refused)")
            #expect(refused.output == "")
            #expect(refused.narration.contains("superuser"))
            #expect(refused.narration.contains("--as LOGIN"))
            #expect(try await owner.query("SELECT to_regnamespace('piste')")[0].isNull(0))

            // Without the engine, every other command says so, whichever way it asks.
            for arguments in [["company", "list"], ["users", "acme"], ["sweep"], ["contexts"]] {
                let lost = try await Piste.run(arguments + ["--database", url(database, nobody)])
                #expect(lost.status == 1, "\(arguments): \(lost)")
                #expect(lost.narration.contains("piste init"), "\(arguments): \(lost)")
            }
            await owner.close()
        }
    }

    @Test func refusesAnAdminWhoCouldGoAroundTheEngine() async throws {
        try await withTestDatabase { database in
            let owner = try await database.superuser()
            let mighty = database.roleName("mighty")
            try await owner.query("CREATE ROLE \(mighty) LOGIN BYPASSRLS")
            let refused = try await Piste.run(["init", "--database", url(database), "--admin", mighty])
            #expect(refused.status == 3, "\(refused)")
            #expect(refused.narration.contains("row level security"))
            #expect(try await owner.query("SELECT FROM piste.operator").isEmpty)
            await owner.close()
        }
    }
}
