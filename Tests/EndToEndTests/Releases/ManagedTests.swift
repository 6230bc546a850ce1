import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// The engine on a server that somebody else keeps: nobody is superuser, and the owner of the database installs it.
struct ManagedTests {
    /// What those who keep servers give to whoever rents one, as their own pages describe it.
    enum Keeper: String, CaseIterable, Sendable {
        /// CREATEROLE, CREATEDB, and the predefined roles one by one.
        case plain
        /// Amazon RDS: a login in rds_superuser, which may pass on pg_monitor and pg_signal_backend, and reads and writes all.
        case rds
        /// Google Cloud SQL: a login in cloudsqlsuperuser, which may pass on pg_monitor and pg_signal_backend.
        case cloudSQL

        /// What makes the login `dba`, as the superuser whom nobody else meets.
        var making: String {
            switch self {
            case .plain:
                """
                CREATE ROLE dba LOGIN CREATEROLE CREATEDB;
                GRANT pg_monitor, pg_signal_backend, pg_read_all_stats, pg_read_all_settings TO dba WITH ADMIN OPTION;
                """
            case .rds:
                """
                CREATE ROLE rds_superuser NOLOGIN;
                CREATE ROLE rds_replication NOLOGIN;
                GRANT pg_monitor, pg_signal_backend, rds_replication TO rds_superuser WITH ADMIN OPTION;
                GRANT pg_read_all_data, pg_write_all_data TO rds_superuser;
                CREATE ROLE dba LOGIN CREATEROLE CREATEDB VALID UNTIL 'infinity';
                GRANT rds_superuser TO dba;
                GRANT SET ON PARAMETER session_replication_role TO rds_superuser;
                """
            case .cloudSQL:
                """
                CREATE ROLE cloudsqlsuperuser NOLOGIN CREATEROLE CREATEDB;
                GRANT pg_monitor, pg_signal_backend TO cloudsqlsuperuser WITH ADMIN OPTION;
                CREATE ROLE dba LOGIN CREATEROLE CREATEDB;
                GRANT cloudsqlsuperuser TO dba;
                """
            }
        }
    }

    /// Each release and each kind of keeper; every pair with `PISTE_TEST_EVERY` set.
    private static let places =
        Release.every
        ? Release.all.flatMap { release in Keeper.allCases.map { (release, $0) } }
        : Array(zip(Release.all, Keeper.allCases))

    private func piste(_ server: ReleaseServer, as login: String, _ arguments: String...) async throws
        -> Piste.Outcome
    {
        try await Piste.run(
            arguments + ["--database", server.url(login, "house")], deadline: .seconds(600))
    }

    /// A server with such a login and a database of its own, in which it has installed the engine.
    private func run(
        _ release: Release, _ keeper: Keeper, _ body: (ReleaseServer, Piste.Outcome) async throws -> Void
    ) async throws {
        try await ReleaseServer.run(release) { server in
            let keeperOfAll = try await server.connect(to: "postgres")
            try await keeperOfAll.run(script: keeper.making)
            try await keeperOfAll.query("CREATE DATABASE house OWNER dba")
            await keeperOfAll.close()
            let installed = try await piste(server, as: "dba", "init", "--admin", "bob")
            try await body(server, installed)
        }
    }

    @Test("Whoever owns the database installs the engine and keeps it", arguments: places)
    func installs(release: Release, keeper: Keeper) async throws {
        try await run(release, keeper) { server, installed in
            #expect(installed.status == 0, "\(installed)")
            #expect(installed.narration.contains("Without a superuser this is lost"), "\(installed)")
            for lost in ["large object", "turns", "temp_file_limit", "outside of the claim"] {
                #expect(installed.narration.contains(lost), "\(lost): \(installed)")
            }
            #expect(!installed.narration.contains("WARNING"), "\(installed)")
            for words in [
                ["operator", "add", "alice", "--level", "support"],
                ["company", "create", "Acme", "--url-id", "acme", "--auth-provider", "okta"],
            ] {
                let done = try await Piste.run(words + ["--database", server.url("bob", "house")])
                #expect(done.status == 0, "\(words): \(done)")
            }
            let read = try await piste(server, as: "alice", "users", "acme")
            #expect(read.status == 0, "\(read)")
            let swept = try await piste(server, as: "alice", "sweep")
            #expect(swept.status == 0, "\(swept)")
            // Again: an upgrade.
            let again = try await piste(server, as: "dba", "init")
            #expect(again.status == 0, "\(again)")
            let doctor = try await piste(server, as: "bob", "doctor", "--format", "json")
            let problems = try doctor.objects().filter { $0["state"] as? String == "problem" }
            #expect(problems.isEmpty, "\(problems)")
            #expect(doctor.output.contains("large object"), "\(doctor)")
            let checks = try await server.connect(as: "bob", to: "house")
            let failed = try await checks.query(
                "SELECT id || ': ' || evidence FROM piste.isolation_report() WHERE NOT passed"
            )
            .map { try $0.string(0) }
            #expect(failed.isEmpty, "\(failed)")
            await checks.close()
        }
    }

    @Test(
        "A schema is guarded whole and given back without a superuser, by whoever has its owner's rights",
        arguments: Release.all)
    func guardsAll(release: Release) async throws {
        try await run(release, .plain) { server, _ in
            let owner = try await server.connect(to: "house")
            try await owner.run(
                script: """
                    CREATE ROLE app LOGIN;
                    CREATE SCHEMA tenant_one AUTHORIZATION app;
                    SET ROLE app;
                    CREATE TABLE tenant_one.users (id serial PRIMARY KEY, email varchar(90) COLLATE "C" NOT NULL UNIQUE, name text);
                    CREATE INDEX ON tenant_one.users (lower(name));
                    CREATE TABLE tenant_one.trips (id int PRIMARY KEY, rider int REFERENCES tenant_one.users);
                    INSERT INTO tenant_one.users (email, name) SELECT 'u' || n || '@x', 'N' || n FROM generate_series(1, 500) AS n;
                    ALTER TABLE tenant_one.users FORCE ROW LEVEL SECURITY;
                    RESET ROLE;
                    ANALYZE tenant_one.users;
                    """)
            func shape() async throws -> String {
                try await owner.text(
                    """
                    SELECT string_agg(l.line, E'\\n' ORDER BY l.line) FROM (
                        SELECT concat_ws(' ', c.relname, c.relowner::regrole, c.relforcerowsecurity,
                            -- Privileges that are the standard may be written down or not.
                            coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) AS line
                        FROM pg_class c
                        WHERE c.relnamespace = 'tenant_one'::regnamespace
                        UNION ALL
                        SELECT concat_ws(' ', a.attrelid::regclass, a.attname, a.atttypid::regtype, a.atttypmod, a.attcollation,
                            coalesce(a.attstattarget, -1), (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f
                                WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum))
                        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                        WHERE c.relnamespace = 'tenant_one'::regnamespace AND a.attnum > 0) AS l
                    """)
            }
            let before = try await shape()
            let adopt = ["adopt", "--schemas", "tenant_one", "--guard", "all", "--format", "json"]
            let lacking = try await Piste.run(adopt + ["--database", server.url("dba", "house")])
            #expect(lacking.status == 1 && lacking.output.contains("whose rights you have not"), "\(lacking)")
            #expect(lacking.output.contains("GRANT app TO dba"), "\(lacking)")
            let admin = try await Piste.run(adopt + ["--database", server.url("bob", "house")])
            #expect(admin.status == 1 && admin.output.contains("for superusers"), "\(admin)")
            #expect(try await shape() == before)
            let lets = try await owner.integer("SELECT current_setting('server_version_num')::int") >= 160_000
            try await owner.query("GRANT app TO dba\(lets ? " WITH INHERIT TRUE, SET TRUE" : "")")
            for degree in ["all", "people", "all"] {
                let done = try await piste(
                    server, as: "dba", "adopt", "--schemas", "tenant_one", "--guard", degree)
                #expect(done.status == 0, "\(degree): \(done)")
            }
            #expect(
                try await owner.integer("SELECT count(*) FROM pg_stats WHERE schemaname = 'tenant_one'") == 0)
            #expect(
                try await owner.query(
                    "SELECT id || ': ' || evidence FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
                ).map { try $0.string(0) }.isEmpty)
            let rows = try await piste(
                server, as: "bob", "rows", "tenant-one", "users", "--limit", "3", "--format", "json")
            #expect(try rows.objects().count == 3, "\(rows)")
            let with = try await piste(server, as: "dba", "migrate", "--with", "true")
            #expect(with.status != 0 && with.narration.contains("superuser"), "\(with)")
            let released = try await piste(
                server, as: "dba", "release", "tenant-one", "--without-trail", "--confirm", "tenant-one")
            #expect(released.status == 0, "\(released)")
            #expect(try await shape() == before)
            await owner.close()
        }
    }

    @Test("The proof holds without a superuser, and names what is lost", arguments: Release.all)
    func proves(release: Release) async throws {
        try await run(release, .plain) { server, _ in
            let folder = try TemporaryFolder()
            _ = try await piste(
                server, as: "bob", "company", "create", "Acme", "--url-id", "acme", "--auth-provider", "okta")
            let report = folder.path + "/proof.json"
            let proved = try await piste(server, as: "bob", "prove", "acme", "--report", report)
            #expect(proved.status == 0, "\(proved)")
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: report)), as: UTF8.self)
            for words in [
                "lost_without_a_superuser", "large object", "probe.privileges.large-object", "\"dba\"",
            ] {
                #expect(text.contains(words), "\(words)")
            }
            // The control: what was taken from the installer and given to somebody else is no loss, it is a hole.
            let owner = try await server.connect(to: "house")
            try await owner.run(script: "CREATE ROLE mallory LOGIN; GRANT piste_owner TO mallory")
            let broken = try await piste(server, as: "bob", "prove", "acme")
            #expect(broken.status == 5 && broken.output.contains("mallory"), "\(broken)")
            await owner.close()
        }
    }

    @Test("Archives, blueprints and rows are loaded by the installer", arguments: places)
    func loads(release: Release, keeper: Keeper) async throws {
        try await run(release, keeper) { server, _ in
            let folder = try TemporaryFolder()
            _ = try await piste(
                server, as: "bob", "company", "create", "Acme", "--url-id", "acme", "--auth-provider", "okta")
            let loader = try await server.connect(as: "dba", to: "house")
            #expect(try await LoadedRows.load(into: "acme", on: loader) == LoadedRows.count)
            let archive = folder.path + "/acme.tar"
            let exported = try await piste(
                server, as: "bob", "company", "export", "acme", "--output", archive)
            #expect(exported.status == 0, "\(exported)")
            let restored = try await piste(
                server, as: "dba", "company", "restore", archive, "--name", "Acme II", "--url-id", "acme-ii")
            #expect(restored.status == 0, "\(restored)")
            let users = try await piste(server, as: "bob", "users", "acme-ii", "--format", "json")
            #expect(try users.objects().count == LoadedRows.users, "\(users)")
            let blueprint = folder.path + "/notes.sql"
            try "ALTER TABLE {schema}.users ADD COLUMN nickname text;\n".write(
                toFile: blueprint, atomically: true, encoding: .utf8)
            let added = try await piste(server, as: "dba", "migrate", "--add", blueprint)
            #expect(added.status == 0, "\(added)")
            let migrated = try await piste(server, as: "bob", "migrate")
            #expect(migrated.status == 0, "\(migrated)")
            // The gate is shut again: every check of the catalogs holds, and an operator without a declaration sees nothing.
            let admin = try await server.connect(as: "bob", to: "house")
            let failed = try await admin.query(
                "SELECT id || ': ' || evidence FROM piste.isolation_report() WHERE NOT passed"
            )
            .map { try $0.string(0) }
            #expect(failed.isEmpty, "\(failed)")
            await admin.close()
            await loader.close()
        }
    }

    @Test("Whoever may not install is told what is missing", arguments: Release.all)
    func refuses(release: Release) async throws {
        try await ReleaseServer.run(release) { server in
            let keeper = try await server.connect(to: "postgres")
            try await keeper.run(
                script: "CREATE ROLE weak LOGIN CREATEDB; CREATE ROLE maker LOGIN CREATEROLE CREATEDB")
            try await keeper.query("CREATE DATABASE house OWNER weak")
            let weak = try await piste(server, as: "weak", "init")
            #expect(weak.status == 3 && weak.narration.contains("CREATEROLE"), "\(weak)")
            let stranger = try await piste(server, as: "maker", "init")
            #expect(
                stranger.status == 3 && stranger.narration.contains("owner of the database"), "\(stranger)")
            if release.version >= 16 {
                try await keeper.query("ALTER DATABASE house OWNER TO maker")
                let poor = try await piste(server, as: "maker", "init")
                #expect(poor.status == 3, "\(poor)")
                #expect(
                    poor.narration.contains(
                        #"GRANT pg_signal_backend, pg_monitor TO "maker" WITH ADMIN OPTION"#),
                    "\(poor)")
                // Its mend is what it says.
                try await keeper.query("GRANT pg_signal_backend, pg_monitor TO maker WITH ADMIN OPTION")
                let done = try await piste(server, as: "maker", "init")
                #expect(done.status == 0, "\(done)")
            }
            await keeper.close()
        }
    }
}
