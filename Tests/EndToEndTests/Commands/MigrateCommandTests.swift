import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// `piste migrate` as its callers see it: exit statuses, the fleet, a killed process.
struct MigrateCommandTests {
    /// A migration with all that the rules ask for, which nobody's rows forbid.
    private static func column(_ name: String) -> String {
        "ALTER TABLE {schema}.users ADD COLUMN \(name) integer CHECK (\(name) > 0);\n"
    }

    private func file(_ name: String, _ text: String, in folder: TemporaryFolder) throws -> String {
        let path = folder.path + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func tellsAllFindingsOfPlainSQLAtOnce() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let bad = try file(
                "bad.sql",
                """
                BEGIN;
                CREATE TABLE orders (id serial PRIMARY KEY, user_id bigint REFERENCES users, total numeric);
                CREATE VIEW late AS SELECT id FROM orders;
                ALTER TABLE nowhere ADD COLUMN x int;
                CREATE TABLE "Mixed" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
                SELECT 1/0;
                COMMIT;
                """, in: folder)
            for more in [[], ["--check"]] {
                let refused = try await Piste.run(
                    ["migrate", "--add", bad] + more,
                    environment: ["PISTE_DATABASE_URL": world.url("postgres")])
                #expect(refused.status == 1, "\(refused)")
                for words in [
                    "line 4:", "nowhere", "line 6: division by zero", "view late", "Mixed",
                ] { #expect(refused.narration.contains(words), "\(words): \(refused)") }
            }
            let good = try file(
                "good.sql",
                """
                BEGIN;
                CREATE TABLE orders (
                    id bigserial PRIMARY KEY, user_id bigint REFERENCES users,
                    total numeric NOT NULL DEFAULT 0, touched timestamptz);
                CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN NEW.touched := clock_timestamp(); RETURN NEW; END $$;
                CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
                CREATE INDEX orders_by_user ON orders (user_id);
                COMMIT;
                """, in: folder)
            let versions = "SELECT count(*) FROM piste.blueprint"
            let before = try await world.value(versions)
            let checked = try await world.piste("migrate", "--add", good, "--check", as: "postgres")
            #expect(checked.status == 0 && checked.narration.contains("nothing was registered"), "\(checked)")
            #expect(try await world.value(versions) == before)
            let added = try await world.piste("migrate", "--add", good, as: "postgres")
            #expect(added.status == 0, "\(added)")
            // As long as no company has it, it can be taken back, and the engine's own cannot.
            let back = try await world.piste("migrate", "--withdraw", as: "postgres")
            #expect(back.status == 0 && back.narration.contains("owner good.sql"), "\(back)")
            #expect(try await world.value(versions) == before)
            #expect(try await world.piste("migrate", "--withdraw", as: "postgres").status == 1)
            #expect(try await world.piste("migrate", "--withdraw").status == 3)
            #expect(try await world.piste("migrate", "--add", good, as: "postgres").status == 0)
            let migrated = try await world.piste("migrate")
            #expect(migrated.status == 0, "\(migrated)")
            let home = try await world.home()
            _ = try await world.value("INSERT INTO \(home).orders (user_id) VALUES (1)")
            let rows = try await world.piste("rows", "awesome", "orders", "--format", "json", as: world.alice)
            #expect(try rows.objects().count == 1, "\(rows)")
            // What --add accepts, prove accepts.
            let failing =
                "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
            #expect(try await world.value(failing) == nil)
            for (sql, words) in [
                ("ALTER TABLE users ALTER locale DROP NOT NULL", "must not change column users.locale"),
                (
                    "ALTER TABLE users DROP CONSTRAINT users_status_check",
                    "must not change check users_status_check"
                ),
                ("-- nothing", "no statement"),
            ] {
                let more = try file("more.sql", sql, in: folder)
                let refused = try await world.piste("migrate", "--add", more, as: "postgres")
                #expect(refused.status == 1 && refused.narration.contains(words), "\(sql): \(refused)")
            }
        }
    }

    @Test func aMigrationOfTheOwnersGoesFromFileToEveryCompany() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let good = try file("points.sql", Self.column("points"), in: folder)
            let bad = try file("bare.sql", "CREATE TABLE {schema}.bare (id bigint PRIMARY KEY);", in: folder)

            let denied = try await world.piste("migrate", "--add", good)
            #expect(denied.status == 3)
            let refused = try await world.piste("migrate", "--add", bad, as: "postgres")
            #expect(refused.status == 1)
            #expect(refused.narration.contains("table bare has no gate"))
            #expect(
                try await world.piste("migrate", "--add", folder.path + "/none.sql", as: "postgres").status
                    == 1)
            #expect(try await world.piste("migrate", "--status", "--format", "csv").lines.count == 2)

            let added = try await world.piste("migrate", "--add", good, as: "postgres")
            #expect(added.status == 0)
            let version = try #require(
                Int(try await world.value("SELECT max(version) FROM piste.blueprint") ?? ""))
            #expect(added.narration.contains("Blueprint \(version) is registered"))
            let pending = try await world.piste("migrate", "--status", "--format", "json").objects()
            #expect(pending.map { $0["state"] as? String } == ["pending"])
            #expect(pending.map { $0["companies"] as? Int } == [3])

            let rehearsal = try await world.piste("migrate", "--dry-run")
            #expect(rehearsal.status == 0)
            #expect(rehearsal.narration.contains("3 companies would be migrated"))
            #expect(rehearsal.output == "")
            let done = try await world.piste("migrate", "--jobs", "2", "--canary", "blau")
            #expect(done.status == 0)
            #expect(done.narration.contains("3 companies were migrated"))
            #expect(try await world.records("company.migrate") == 1)
            let again = try await world.piste("migrate")
            #expect(again.status == 0)
            let fleet = try await world.piste("migrate", "--status")
            #expect(fleet.lines.count == 2 && fleet.output.contains("done"))
        }
    }

    @Test func aFailureIsToldAndSetsTheStatus() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let path = try file(
                "strict.sql", "ALTER TABLE {schema}.users ADD CONSTRAINT mild CHECK (role <> 'rogue');",
                in: folder)
            let added = try await world.piste("migrate", "--add", path, as: "postgres")
            #expect(added.status == 0, "\(added)")
            _ = try await world.value("UPDATE \(world.home("blau")).users SET role = 'rogue' WHERE id = 1")
            let stopped = try await world.piste("migrate", "--canary", "blau", "--format", "json")
            #expect(stopped.status == 1)
            #expect(stopped.narration.contains("no other company was touched"))
            #expect(try stopped.objects().map { $0["sqlstate"] as? String } == ["23514"])
            #expect(try await world.records("company.migrate") == 0)
            let status = try await world.piste("migrate", "--status", "--format", "json").objects()
            let failed = try #require(status.first { $0["state"] as? String == "failed" })
            #expect(failed["url_id"] as? String == "blau")
            #expect((failed["error"] as? String)?.contains("mild") == true)

            #expect(try await world.piste("migrate", as: world.alice).status == 3)
            #expect(try await world.piste("migrate", "--status", as: world.alice).status == 3)
            #expect(try await world.piste("migrate", "--jobs", "0").status == 2)
            #expect(try await world.piste("migrate", "--status", "--dry-run").status == 2)
            #expect(try await world.piste("migrate", "--canary", "nobody").status == 1)
            let nowhere = try await Piste.run(
                ["migrate"], environment: ["PISTE_DATABASE_URL": "postgresql://x@/y?host=\(folder.path)"])
            #expect(nowhere.status == 4)
        }
    }

    @Test func aKilledProcessLeavesNoCompanyHalfMigrated() async throws {
        try await ConsoleWorld.run { world in
            for number in 4...12 {
                try await world.owner.query("SELECT * FROM piste.create_company('C', 'c-\(number)', 'okta')")
            }
            var digests: [Int: String] = [:]
            var state: UInt64 = 20_240_611
            var newest = try #require(
                Int(try await world.value("SELECT max(version) FROM piste.blueprint") ?? ""))
            func behind() async throws -> Int {
                Int(
                    try await world.value(
                        "SELECT count(*) FROM piste.company WHERE blueprint_version < \(newest)") ?? "") ?? -1
            }
            func note() async throws {
                digests[newest] = try await world.value(
                    """
                    SELECT piste.company_structure_digest(schema_name) FROM piste.company
                    WHERE blueprint_version = \(newest) LIMIT 1
                    """)
            }
            try await note()
            var killed = 0
            for round in 1...25 {
                if try await behind() == 0 {
                    newest = try await BlueprintRegistration(connection: world.owner).register(
                        Self.column("extra_\(newest)"), origin: "owner round \(round)")
                    try await world.owner.query(
                        "SELECT * FROM piste.create_company('F', 'f-\(newest)', 'okta')")
                    try await note()
                }
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                do {
                    _ = try await Piste.run(
                        ["migrate", "--jobs", "3"], environment: ["PISTE_DATABASE_URL": world.url(world.bob)],
                        deadline: .milliseconds(20 + Int(state >> 33) % 300))
                } catch is Piste.Failure {
                    killed += 1
                }
                // What the server was doing when its client went is finished or rolled back.
                #expect(
                    try await eventually {
                        try await world.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(world.bob)'") == "0"
                    })
                let rows = try await world.owner.query(
                    """
                    SELECT url_id, blueprint_version AS version, piste.company_structure_digest(schema_name) AS digest,
                        coalesce((SELECT max(m.version) FROM piste.migration m WHERE m.company = id AND m.state = 'done'), 0)
                            IN (0, blueprint_version) AS agrees
                    FROM piste.company
                    """)
                for row in rows {
                    #expect(try row.string("digest") == digests[try row.int("version")])
                    #expect(try row.bool("agrees"))
                }
            }
            #expect(killed > 10)
            #expect(try await world.piste("migrate").status == 0)
            #expect(try await behind() == 0)
        }
    }
}
